import { Agent } from 'node:http'
import type { Ledger } from '../../src/ledger.ts'
import type { Bench, Workshop } from './bench.ts'
import { take } from './clients.ts'
import { record } from './facts.ts'
import { type Figure, figureOf } from './figure.ts'
import { type Large, large, type Shape, shapes } from './large.ts'
import { decide, fill, observeAll } from './ledgers.ts'
import type { Body } from './mix.ts'
import { alternate } from './rounds.ts'
import { serve } from './served.ts'

/** What is timed, in the order in which it is asked: how many contacts each answer lists at most. */
const steps = {
  'a merge, the first': 2,
  'a new contact, the first': 1,
  'a new contact': 1,
  'a merge': 2
} as const

/** Something that was timed, and its answer alone, in ms. */
type Step = { readonly took: number; readonly told: number }
type Steps = Record<keyof typeof steps, Step> & { readonly why: Step }

/** Takes a request or a question about two values, and tells how long both took. */
type Asked = { observe(body: Body, listed: number): Promise<Step>; why(of: Pair): Promise<Step> }
type Pair = readonly [Large, Large]

/** What a very large identity costs: adding a contact, merging it with another, `why` across it. */
export const identity: Bench = {
  summary: 'an identity of 100,000 contacts: add a contact, merge it with another, why across it',

  async run(workshop) {
    const figures: Figure[] = []
    for (const shape of shapes) figures.push(...(await of(shape, workshop)))
    return figures
  }
}

async function of(shape: Shape, workshop: Workshop): Promise<Figure[]> {
  const { ledgers, sizes, processes } = workshop
  const contacts = sizes.quick ? 1_000 : 100_000
  const pair: Pair = [large(1, contacts, shape), large(2, contacts, shape)]
  const dir = ledgers.folder()
  for (const one of pair) await record(dir, one.requests())
  const decided = ledgers.copyOf(dir)
  await fill(decided, (ledger) => decideBeside(ledger, contacts))
  const bare = await processes.serve('scripts/bench/bare.ts')
  const rounds = await alternate(Math.min(sizes.rounds, 3), {
    'in process': () => inProcess(workshop, dir, pair),
    'in process, with decisions': () => inProcess(workshop, decided, pair),
    'over HTTP': () => overHttp(workshop, dir, pair, contacts, bare.url)
  })
  await bare.stop()
  const starts = await alternate(Math.min(sizes.rounds, 3), {
    large: () => start(workshop, ledgers.copyOf(dir)),
    empty: () => start(workshop, ledgers.folder())
  })
  ledgers.discard(dir)
  ledgers.discard(decided)
  const common = { bench: 'identity', unit: 'ms', ledger: `2 of ${contacts.toLocaleString('en')}` }
  const untilReady = figureOf({
    ...common,
    what: `a start, until ready, ${shape}`,
    ours: starts.large,
    yardstick: { what: 'of an empty ledger', rounds: starts.empty },
    by: 'difference'
  })
  const figures = Object.entries(rounds).flatMap(([where, rounds]) => {
    // Over HTTP the service has loaded the largest identities before it was ready.
    const first = where === 'over HTTP' ? 'first after a start' : 'nothing in memory'
    const figure = (name: keyof Steps) => ({
      ...common,
      what: `${name.replace('the first', first)}, ${shape}, ${where}`,
      ours: rounds.map((steps) => steps[name].took),
      yardstick: { what: 'its answer alone', rounds: rounds.map((steps) => steps[name].told) }
    })
    return [
      ...(Object.keys(steps) as (keyof typeof steps)[]).map((name) =>
        figureOf({ ...figure(name), by: 'difference', goal: { at: 'under', value: 50 } })
      ),
      figureOf({ ...figure('why'), by: 'median', goal: { at: 'under', value: 100 } })
    ]
  })
  return [...figures, untilReady]
}

/** Decides about others: strangers are blocked, and no limit is reached. */
async function decideBeside(ledger: Ledger, contacts: number) {
  const strangers = Array.from({ length: 1_000 }, (_, nth) => `stranger.${nth}@home.example`)
  await observeAll(
    ledger,
    strangers.map((email) => ({ email, phoneNumber: null }))
  )
  await decide(ledger, contacts * 10, strangers)
}

/** How long the service takes until it is ready, in ms. */
async function start(workshop: Workshop, dir: string): Promise<number> {
  const started = performance.now()
  const server = await serve(workshop, dir)
  const took = performance.now() - started
  await server.stop()
  workshop.ledgers.discard(dir)
  return took
}

/** Goes through the steps, on two copies, since nothing can be merged twice. */
async function inTurn(
  { ledgers }: Workshop,
  dir: string,
  pair: Pair,
  open: (dir: string, work: (asked: Asked) => Promise<void>) => Promise<void>
): Promise<Steps> {
  const found: Partial<Steps> = {}
  const [one, other] = pair
  const joined = { email: one.email, phoneNumber: other.phoneNumber }
  const added = (nth: number, { phoneNumber }: Large) => {
    return { email: `added.${nth}@home.example`, phoneNumber }
  }
  const copies = [ledgers.copyOf(dir), ledgers.copyOf(dir)] as const
  await open(copies[0], async ({ observe }) => {
    found['a merge, the first'] = await observe(joined, 2)
  })
  await open(copies[1], async ({ observe, why }) => {
    found['a new contact, the first'] = await observe(added(1, one), 1)
    await observe(added(2, other), 1)
    found['a new contact'] = await observe(added(3, one), 1)
    found['a merge'] = await observe(joined, 2)
    Object.assign(found, { why: await why(pair) })
  })
  for (const copy of copies) ledgers.discard(copy)
  return found as Steps
}

function inProcess(workshop: Workshop, dir: string, pair: Pair): Promise<Steps> {
  return inTurn(workshop, dir, pair, (dir, work) =>
    fill(dir, (ledger) => {
      const timed = async (ask: () => Promise<unknown>): Promise<Step> => {
        const started = performance.now()
        const answer = await ask()
        const took = performance.now() - started
        JSON.stringify(answer)
        return { took, told: performance.now() - started - took }
      }
      const of = (value: string) => ({ kind: 'email' as const, value })
      return work({
        observe: (body) =>
          timed(() =>
            ledger.observe({ ...body, source: 'bench', idempotencyKey: null, observedAt: null })
          ),
        why: ([one, other]) => timed(() => ledger.why(of(one.email), of(other.lastEmail)))
      })
    })
  )
}

function overHttp(
  workshop: Workshop,
  dir: string,
  pair: Pair,
  contacts: number,
  bare: string
): Promise<Steps> {
  return inTurn(workshop, dir, pair, async (dir, work) => {
    const server = await serve(workshop, dir)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const timed = async (url: string, path: string, body?: Body) => {
      const started = performance.now()
      const status = await take(agent, url, {
        path,
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      if (status !== 200) throw new Error(`${path} answered ${status}`)
      return performance.now() - started
    }
    try {
      await work({
        observe: async (body, listed) => ({
          took: await timed(server.url, '/identify', body),
          told: await timed(bare, `/large/${listed * contacts}`)
        }),
        why: async ([one, other]) => ({
          took: await timed(server.url, `/why?from=email:${one.email}&to=email:${other.lastEmail}`),
          told: await timed(bare, '/large/2')
        })
      })
    } finally {
      agent.destroy()
      await server.stop()
    }
  })
}
