import type { Bench } from './bench.ts'
import { mixedLoad, type Round } from './clients.ts'
import { figureOf } from './figure.ts'
import { knownPairs, mix } from './mix.ts'
import { afresh, onCopy } from './served.ts'

const full = [10_000, 100_000, 1_000_000, 5_000_000] as const
const quick = [1_000, 2_000, 4_000] as const

/** From how many contacts on what a warm-up adds to a ledger is a small part of it. */
const large = 1_000_000

/** The same mix on ledgers of several sizes: what does growing cost? */
export const growth: Bench = {
  summary: 'the same mix at several sizes, beside the smallest',

  async run(workshop) {
    const { sizes } = workshop
    const [least, ...larger] = sizes.quick ? quick : full
    const load = (contacts: number, bodies: typeof mix) =>
      mixedLoad(contacts, sizes.connections, sizes.client ?? 'autocannon', bodies)
    // What is written has a part in the pace: the pages of a large ledger are met for the first time once.
    const warmUp = (contacts: number) => load(contacts, contacts < large ? knownPairs : mix)
    const runners = [least, ...larger].map((contacts) => [
      String(contacts),
      onCopy(workshop, { contacts }, load(contacts, mix), warmUp(contacts))
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
