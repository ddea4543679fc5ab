import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { alone } from './alone.ts'
import { batch } from './batch.ts'
import type { Bench, Sizes, Workshop } from './bench.ts'
import { clients } from './clients.ts'
import { decide } from './decide.ts'
import { asMarkdown, asTable } from './document.ts'
import { express } from './express.ts'
import type { Figure } from './figure.ts'
import { growth } from './growth.ts'
import { identify } from './identify.ts'
import { identity } from './identity.ts'
import { importBench } from './import.ts'
import { ledgersIn } from './ledgers.ts'
import { lookup } from './lookup.ts'
import { thisMachine } from './machine.ts'
import { overload } from './overload.ts'
import { processesIn } from './processes.ts'
import { replay } from './replay.ts'
import { stall } from './stall.ts'

const benches: Readonly<Record<string, Bench>> = {
  identify,
  express,
  growth,
  alone,
  lookup,
  batch,
  replay,
  import: importBench,
  identity,
  decide,
  stall,
  overload
}

/** How long it takes a server of 1,000,000 contacts to be at its pace, on a slow machine, in s. */
const warmUp = 10

const document = join(import.meta.dirname, '../../docs/benchmarks.md')

const count = (name: string, unset: number | null, what: string) =>
  new Option(`--${name} <number>`, what).env(name.toUpperCase()).argParser(countOf).default(unset)

function countOf(text: string): number {
  const given = Number(text)
  if (Number.isSafeInteger(given) && given > 0) return given
  throw new InvalidArgumentError('It must be a whole number above 0.')
}

const program = new Command('bench')
  .description(
    'Measures the ledger beside its yardsticks, in alternating rounds. A run of everything at full size writes docs/benchmarks.md; it takes half an hour to an hour, and needs an otherwise idle machine.'
  )
  .addArgument(
    new Argument('[benches...]', 'which benchmarks to run (default: all)').choices(
      Object.keys(benches)
    )
  )
  .option('--json', 'print one JSON document on standard output', false)
  .option('--write', 'write docs/benchmarks.md even if not everything is measured', false)
  .option('--quick', 'small sizes, to see that everything runs; the figures mean nothing', false)
  .option('--max', 'also run what takes long: a replay of 10,000,000 events', false)
  .addOption(count('rounds', null, 'how many rounds').default(null, '5'))
  .addOption(count('seconds', null, 'how long a round of load lasts').default(null, '5'))
  .addOption(count('connections', 64, 'how many connections load a server'))
  .addOption(
    count('contacts', null, 'how many contacts the ledger holds, in benchmarks of one size')
  )
  .addOption(
    new Option('--client <name>', 'use only this client')
      .env('CLIENT')
      .choices(Object.keys(clients))
  )
  .addHelpText('after', helpOf(benches))

await program.action(main).parseAsync()

type Asked = Omit<Sizes, 'rounds' | 'seconds' | 'warmUp' | 'client'> & {
  readonly json: boolean
  readonly write: boolean
  readonly rounds: number | null
  readonly seconds: number | null
  readonly client?: string
}

async function main(names: readonly string[], asked: Asked) {
  const { quick } = asked
  const sizes: Sizes = {
    ...asked,
    rounds: asked.rounds ?? (quick ? 1 : 5),
    seconds: asked.seconds ?? (quick ? 1 : 5),
    warmUp: quick ? 1 : warmUp,
    client: asked.client ?? null
  }
  const figures = await measured(names.length === 0 ? Object.keys(benches) : names, sizes)
  const occasion = { date: new Date().toISOString().slice(0, 10), ...thisMachine() }
  if ((names.length === 0 && !quick) || asked.write) {
    mkdirSync(join(document, '..'), { recursive: true })
    const command = ['npm run bench --', ...process.argv.slice(2)].join(' ')
    writeFileSync(document, asMarkdown(figures, occasion, command))
    console.error(`written to ${document}`)
  }
  if (asked.json) {
    const records = figures.map((figure) => ({ ...figure, ...occasion }))
    console.log(JSON.stringify({ ...occasion, quick, figures: records }))
  } else console.log(asTable(figures))
}

/** Runs benches one after another; nothing of them is left, however they end. */
async function measured(names: readonly string[], sizes: Sizes): Promise<Figure[]> {
  const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'ledger-bench-'))
  const processes = processesIn(folder)
  const clear = async () => {
    await processes.endAll()
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('SIGINT', () => void clear().finally(() => process.exit(130)))
  process.once('SIGTERM', () => void clear().finally(() => process.exit(143)))
  const started = performance.now()
  const note = (text: string) => {
    console.error(`[${((performance.now() - started) / 1_000).toFixed(0)} s] ${text}`)
  }
  const workshop: Workshop = { sizes, folder, ledgers: ledgersIn(folder, note), processes, note }
  try {
    const figures: Figure[] = []
    for (const name of names) {
      note(name)
      figures.push(...((await benches[name]?.run(workshop)) ?? []))
    }
    return figures
  } finally {
    await clear()
  }
}

function helpOf(all: typeof benches): string {
  const lines = Object.entries(all).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  return [
    '\nBenchmarks:',
    ...lines,
    '\nLedgers are made in BENCH_DIR, or where temporary files go.'
  ].join('\n')
}
