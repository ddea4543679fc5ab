import type { Bench, Workshop } from './bench.ts'
import { clientsAsked, mixedLoad, type Round } from './clients.ts'
import { type Figure, figureOf } from './figure.ts'
import { alternate } from './rounds.ts'
import { onFreshCopy, warmUp } from './served.ts'

/** `/identify` under load beside a bare Fastify route with the same schemas. */
export const identify: Bench = {
  summary: '/identify under load, without decisions and with, beside a bare Fastify route',

  async run(workshop) {
    const { client, contacts, quick } = workshop.sizes
    const usual = quick ? [10_000] : [100_000, 1_000_000]
    const figures: Figure[] = []
    for (const size of contacts === null ? usual : [contacts]) {
      for (const name of clientsAsked(client)) {
        figures.push(...(await by(name, size, workshop)))
      }
    }
    return figures
  }
}

async function by(name: string, contacts: number, workshop: Workshop): Promise<Figure[]> {
  const { processes, sizes } = workshop
  const load = mixedLoad(contacts, sizes.connections, name)
  const bare = await processes.serve('scripts/bench/bare.ts')
  await load(bare.url, 0, warmUp)
  const rounds = await alternate(sizes.rounds, {
    bare: (round) => load(bare.url, round, sizes.seconds),
    plain: (round) => onFreshCopy(workshop, { contacts }, load, round),
    decided: (round) => onFreshCopy(workshop, { contacts, decided: true }, load, round)
  })
  await bare.stop()
  const common = { bench: 'identify', ledger: `${contacts.toLocaleString('en')} contacts` }
  const told = `/identify, ${sizes.connections} connections, client ${name}`
  const beside = (what: string, of: readonly Round[]): Figure[] => [
    figureOf({
      ...common,
      what,
      unit: 'requests/s',
      ours: of.map(({ perSecond }) => perSecond),
      yardstick: { what: 'bare route', rounds: rounds.bare.map(({ perSecond }) => perSecond) },
      goal: { at: 'least', value: 0.75 }
    }),
    figureOf({
      ...common,
      what: `${what}, p99`,
      unit: 'ms',
      ours: of.map(({ p99 }) => p99),
      yardstick: { what: 'bare route', rounds: rounds.bare.map(({ p99 }) => p99) },
      goal: { at: 'under', value: 2 }
    }),
    figureOf({
      ...common,
      what: `${what}, the longest wait`,
      unit: 'ms',
      ours: of.map(({ longest }) => longest),
      yardstick: { what: 'bare route', rounds: rounds.bare.map(({ longest }) => longest) },
      by: 'difference'
    })
  ]
  return [...beside(told, rounds.plain), ...beside(`${told}, with decisions`, rounds.decided)]
}
