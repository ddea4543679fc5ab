import type { Bench } from './bench.ts'
import { mixedLoad, type Round } from './clients.ts'
import { figureOf } from './figure.ts'
import { knownPairs, mix } from './mix.ts'
import { afresh, onCopy } from './served.ts'

const full = [10_000, 100_000, 1_000_000, 5_000_000] as const
const quick = [1_000, 2_000, 4_000] as const

/** The same mix on ledgers of several sizes: what does growing cost? */
export const growth: Bench = {
  summary: 'the same mix at several sizes, beside the smallest',

  async run(workshop) {
    const { sizes } = workshop
    const [least, ...larger] = sizes.quick ? quick : full
    const load = (contacts: number, bodies: typeof mix) =>
      mixedLoad(contacts, sizes.connections, sizes.client ?? 'autocannon', bodies)
    const runners = [least, ...larger].map((contacts) => [
      String(contacts),
      onCopy(workshop, { contacts }, load(contacts, mix), load(contacts, knownPairs))
    ])
    const rounds = await afresh<string, Round>(
      workshop,
      Object.fromEntries(runners),
      Math.min(sizes.rounds, 3)
    )
    const perSecond = (of: number) =>
      (rounds[String(of)] as Round[]).map(({ perSecond }) => perSecond)
    return larger.map((contacts) =>
      figureOf({
        bench: 'growth',
        what: '/identify',
        unit: 'requests/s',
        ledger: `${contacts.toLocaleString('en')} contacts`,
        ours: perSecond(contacts),
        yardstick: {
          what: `${least.toLocaleString('en')} contacts`,
          rounds: perSecond(least)
        },
        goal: { at: 'least', value: 0.8 }
      })
    )
  }
}
