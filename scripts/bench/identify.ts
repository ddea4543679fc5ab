import type { Bench, Workshop } from './bench.ts'
import { clientsAsked, mixedLoad, type Round } from './clients.ts'
import { type Figure, figureOf } from './figure.ts'
import { bareRoute, inTurns, onCopy } from './served.ts'

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
  const { connections } = workshop.sizes
  const load = mixedLoad(contacts, connections, name)
  const rounds = await inTurns(workshop, {
    bare: bareRoute(workshop, load),
    plain: onCopy(workshop, { contacts }, load),
    decided: onCopy(workshop, { contacts, decided: true }, load)
  })
  const common = { bench: 'identify', ledger: `${contacts.toLocaleString('en')} contacts` }
  const told = `/identify, ${connections} connections, client ${name}`
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
