import { readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { Command } from 'commander'
import { importVerb } from '../../scripts/import.ts'
import { readConfig } from '../../src/config.ts'
import { exportedLine } from '../../src/exported-event.ts'
import { eventsIn } from './closed-ledger.ts'
import type { Json } from './process.ts'

/** How an import in this process ended, and all that it wrote. */
export type Imported = { readonly code: number; readonly came: Json; readonly said: string }

/** Runs `ledger import` in this process, with the arguments of its command line and `--json`. */
export async function importInto(
  ledgerDir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {}
): Promise<Imported> {
  const command = importVerb.describe(new Command()).exitOverride()
  command.parse([...args, '--json'], { from: 'user' })
  const [out, err] = [kept(), kept()]
  const code = await importVerb.run(
    {
      out: out.stream,
      err: err.stream,
      config: () => readConfig({ LEDGER_DIR: ledgerDir, ...env })
    },
    command.opts(),
    ...command.args
  )
  const text = out.text()
  return { code, came: text === '' ? null : JSON.parse(text), said: err.text() }
}

/** What a ledger has on record, but for when: two that were told the same are equal. */
export async function recordedIn(ledgerDir: string): Promise<Json[]> {
  return (await eventsIn(ledgerDir)).map((recorded) => {
    const { recordedAt: _, event, ...told } = JSON.parse(exportedLine(recorded))
    const { observedAt: __, requestId: ___, ...fact } = event
    return { ...told, event: fact }
  })
}

/** The observations of a ledger, each as its email, its phone and its key. */
export async function observationsIn(ledgerDir: string): Promise<[string, string, string][]> {
  return (await recordedIn(ledgerDir)).flatMap(({ event, identifiers }) => {
    if (event.type !== 'ContactObserved') return []
    const value = (kind: string) => {
      const found = identifiers.find((one: Json) => one.kind === kind)
      return found === undefined ? '' : found.value
    }
    return [[value('email'), value('phone'), event.idempotencyKey ?? '']]
  })
}

/** The lines of a file, without the last line's end. */
export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n')
}

function kept() {
  let text = ''
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk
      done()
    }
  })
  return { stream, text: () => text }
}
