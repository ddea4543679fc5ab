import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { digestOf } from '../projections/digest.ts'
import type { Watch } from '../projections/rebuild.ts'
import { snapshot } from '../projections/rows.ts'
import { LedgerError } from '../src/domain/errors.ts'
import { linesOf } from '../src/lines.ts'
import { restore } from '../src/restore.ts'
import { diskFault } from './disk-fault.ts'
import { withProgress } from './progress.ts'
import { secondsSince } from './seconds-since.ts'
import { exit, print, printJson, type Verb } from './verb.ts'
import { filesOf, holdLog, openModel } from './wiring.ts'

/** Makes a ledger of exported events. */
export const importEvents: Verb = {
  describe: (command) =>
    command
      .summary('fill an empty ledger with exported events')
      .description(
        'Fills an empty ledger with the events of "export events" in NDJSON, at the same positions and with the same times, and builds its read model: the digest equals that of the original ledger. Every line is checked before it is taken; "verify" checks the rest from the facts up. Interrupted and started again, it goes on where it was. No server may have the ledger open.'
      )
      .argument('<file>', 'the exported events, or - for standard input')
      .option('--json', 'print {"events", "already", "seconds", "digest"}'),

  async run(io, { json }, file = '') {
    const config = io.config()
    const total = file === '-' ? undefined : sizeOf(file)
    const held = holdLog(config, { create: true })
    try {
      const started = performance.now()
      const { events, already } = await withProgress(
        io,
        'events',
        (watch) => restore(held.log, linesOf(piecesOf(file, total, watch))),
        'bytes'
      )
      const model = await withProgress(io, 'read model', (watch) =>
        openModel(config, held.log, watch)
      )
      model.close()
      const { answer: digest } = snapshot(filesOf(config).readModel, held.log.id, digestOf)
      const seconds = secondsSince(started)
      if (json) printJson(io, { events, already, seconds, digest })
      else print(io, ...told(events, already, seconds), `digest ${digest}`)
      return exit.done
    } finally {
      await held.close()
    }
  }
}

function told(events: number, already: number, seconds: number): string[] {
  const before = already === 0 ? '' : `, ${already} of which it already held`
  return [
    `The ledger holds the ${events} events of the file${before} (${seconds} s).`,
    'Run verify to check that they follow from each other.'
  ]
}

function sizeOf(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found !== undefined && !found.isDirectory()) return found.size
  throw new LedgerError('invalid', `There is no file ${file}.`)
}

async function* piecesOf(file: string, total: number | undefined, { progress }: Watch) {
  const input: Readable = file === '-' ? process.stdin : createReadStream(file)
  let done = 0
  try {
    for await (const piece of input) {
      done += piece.length
      if (total) progress?.(done, total)
      yield piece as Uint8Array
    }
  } catch (error) {
    throw diskFault(error, `${file} can't be read`)
  }
}
