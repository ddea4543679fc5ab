import type { AskedDecision } from '../../src/decision.ts'
import type { Bench, Workshop } from './bench.ts'
import { record } from './facts.ts'
import { type Figure, figureOf } from './figure.ts'
import { large, type Shape, shapes } from './large.ts'
import { fill } from './ledgers.ts'
import type { Body } from './mix.ts'

/** What is timed, in the order in which it is asked, in ms. */
type Times = Readonly<Record<string, number>>

/** What decisions cost, and a request in which one has a say: nobody else is answered meanwhile. */
export const decide: Bench = {
  summary: 'an identity of 100,000 contacts: decisions on it, tried and made',

  async run(workshop) {
    const figures: Figure[] = []
    for (const shape of shapes) figures.push(...(await of(shape, workshop)))
    return figures
  }
}

const stranger = 'stranger@home.example'

async function of(shape: Shape, { ledgers, sizes }: Workshop): Promise<Figure[]> {
  const contacts = sizes.quick ? 1_000 : 100_000
  const one = large(1, contacts, shape)
  const dir = ledgers.folder()
  const bodies: Body[] = [...one.requests(), { email: stranger, phoneNumber: null }]
  await record(dir, bodies)
  const rounds: Times[] = []
  for (let round = 0; round < Math.min(sizes.rounds, 3); round++) {
    const copy = ledgers.copyOf(dir)
    rounds.push(await decided(copy, { ...one, last: contacts }))
    ledgers.discard(copy)
  }
  ledgers.discard(dir)
  return Object.keys(rounds[0] ?? {}).map((what) =>
    figureOf({
      bench: 'decide',
      what: `${what}, ${shape}, in process`,
      unit: 'ms',
      ledger: `an identity of ${contacts.toLocaleString('en')}`,
      ours: rounds.map((times) => times[what] ?? 0)
    })
  )
}

/** Decides in a ledger that was just opened. */
async function decided(
  dir: string,
  { email, phoneNumber, lastEmail, last }: { last: number } & ReturnType<typeof large>
): Promise<Times> {
  const times: Record<string, number> = {}
  await fill(dir, async (ledger) => {
    const timed = async (what: string, ask: () => Promise<unknown>) => {
      const started = performance.now()
      await ask()
      times[what] = performance.now() - started
    }
    const said = { actor: 'bench', reason: 'to measure it' }
    const block = (value: string): AskedDecision => {
      return { type: 'IdentifierBlocked', identifier: { kind: 'email', value }, ...said }
    }
    await timed('a block of one email, tried', () => ledger.supposeDecided(block(lastEmail)))
    await timed('a block of one email', () => ledger.decide(block(lastEmail)))
    await timed('a block of another', () => ledger.decide(block(email)))
    await timed('a retraction', () =>
      ledger.decide({ type: 'ObservationRetracted', observation: last, ...said })
    )
    await ledger.decide(block(stranger))
    const came = { email: stranger, phoneNumber, source: 'bench' }
    await timed('a blocked email that comes to it', () =>
      ledger.observe({ ...came, idempotencyKey: null, observedAt: null })
    )
  })
  return times
}
