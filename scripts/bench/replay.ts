import type { Bench, Workshop } from './bench.ts'
import { type Figure, figureOf } from './figure.ts'
import { fill, observeAll } from './ledgers.ts'
import { first, mix } from './mix.ts'
import { alternate } from './rounds.ts'

/** What part of the events is of the mix; the others fill the ledger. */
const mixed = 0.1

/** `replay`, beside a script that inserts what comes of it. */
export const replay: Bench = {
  summary: 'replay beside a script that reads, parses and bulk-inserts the final rows',

  async run(workshop) {
    const { sizes } = workshop
    const figures = await of(sizes.quick ? 10_000 : 1_000_000, workshop)
    return sizes.max ? [...figures, ...(await of(10_000_000, workshop))] : figures
  }
}

async function of(contacts: number, workshop: Workshop): Promise<Figure[]> {
  const { ledgers, processes, sizes } = workshop
  const dir = await ledgers.copy({ contacts })
  await fill(dir, (ledger) => observeAll(ledger, first(contacts * mixed, mix(contacts, 1))))
  const env = { LEDGER_DIR: dir }
  let events = 0
  const rounds = await alternate(Math.min(sizes.rounds, contacts > 1_000_000 ? 1 : 3), {
    async ours() {
      const ran = await processes.run('scripts/ledger.ts', { args: ['replay', '--json'], env })
      events = (JSON.parse(ran.out) as { events: number }).events
      return ran
    },
    async bulk() {
      const to = ledgers.folder()
      const ran = await processes.run('scripts/bench/bulk-insert.ts', { args: ['replay', dir, to] })
      ledgers.discard(to)
      return ran
    }
  })
  ledgers.discard(dir)
  const common = { bench: 'replay', ledger: `${events.toLocaleString('en')} events` }
  return [
    figureOf({
      ...common,
      what: 'replay',
      unit: 's',
      ours: rounds.ours.map(({ seconds }) => seconds),
      yardstick: { what: 'bulk insert', rounds: rounds.bulk.map(({ seconds }) => seconds) },
      goal: { at: 'under', value: 1.5 }
    }),
    figureOf({
      ...common,
      what: 'replay, most memory',
      unit: 'MiB',
      ours: rounds.ours.map(({ peak }) => peak),
      goal: { at: 'under', value: 512 }
    })
  ]
}
