import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Bench, Workshop } from './bench.ts'
import { type Ask, take } from './clients.ts'
import { record } from './facts.ts'
import { type Figure, figureOf } from './figure.ts'
import { type Large, large, type Shape } from './large.ts'
import { alternate } from './rounds.ts'
import { serve } from './served.ts'

/** How often each is asked in a round: what one decision changes the next one changes back. */
const times = 4

/** How long nobody asks before and after, in ms. */
const rest = 100

type Question = (of: Large, nth: number, nextBlocked: () => string) => Ask

const questions: Readonly<Record<string, Question>> = {
  'POST /identify': ({ email, phoneNumber }) => ({
    path: '/identify',
    body: JSON.stringify({ email, phoneNumber })
  }),
  'POST /identify, a new contact': ({ phoneNumber }) => ({
    path: '/identify',
    body: JSON.stringify({ email: `new.${performance.now()}@home.example`, phoneNumber })
  }),
  'POST /identify, with a blocked phone': ({ email }, _, nextBlocked) => ({
    path: '/identify',
    body: JSON.stringify({ email, phoneNumber: nextBlocked() })
  }),
  'POST /identify?dryRun=true': ({ email, phoneNumber }) => ({
    path: '/identify?dryRun=true',
    body: JSON.stringify({ email, phoneNumber })
  }),
  'POST /decisions?dryRun=true': ({ phoneNumber }) => ({
    path: '/decisions?dryRun=true',
    body: blocking(true, `phone:${phoneNumber}`)
  }),
  'POST /decisions, an email is blocked, and not any more': ({ lastEmail }, nth) => ({
    path: '/decisions',
    body: blocking(nth % 2 === 0, `email:${lastEmail}`)
  }),
  'POST /decisions, a phone is blocked, and not any more': ({ phoneNumber }, nth) => ({
    path: '/decisions',
    body: blocking(nth % 2 === 0, `phone:${phoneNumber}`)
  }),
  'GET /contacts/:id': () => ({ path: '/contacts/1' }),
  'GET /contacts?email=': ({ email }) => ({ path: `/contacts?email=${email}` }),
  'GET /why': ({ email, lastEmail }) => ({
    path: `/why?from=email:${email}&to=email:${lastEmail}`
  }),
  'GET /identities/:id/graph': () => ({ path: '/identities/1/graph' }),
  'GET /contacts/:id/history': () => ({ path: '/contacts/1/history' })
}

/** The decision that an identifier is blocked, or that it is not any more. */
function blocking(blocked: boolean, identifier: string): string {
  const type = blocked ? 'IdentifierBlocked' : 'IdentifierUnblocked'
  return JSON.stringify({ type, identifier, actor: 'bench', reason: 'to measure it' })
}

const nobody = 'nobody asks'
const first = 'POST /decisions, the first one'

/** The longest pause that another client sees while someone asks about a very large identity. */
export const stall: Bench = {
  summary: 'the longest pause of another client while an identity of 100,000 contacts is answered',

  async run(workshop) {
    return [...(await of('bushes', workshop)), ...(await of('star', workshop))]
  }
}

async function of(shape: Shape, workshop: Workshop): Promise<Figure[]> {
  const { ledgers, sizes } = workshop
  const contacts = sizes.quick ? 1_000 : 100_000
  const asked = large(1, contacts, shape)
  const dir = ledgers.folder()
  await record(dir, asked.requests())
  const undecided = ledgers.copyOf(dir)
  const server = await serve(workshop, dir)
  const count = Math.min(sizes.rounds, 3)
  const blocked = await blockedPhones(server.url, count * times)
  const nextBlocked = () => {
    const next = blocked.pop()
    if (next === undefined) throw new Error('no blocked phone is left')
    return next
  }
  const contenders: Record<string, () => Promise<number>> = {
    [nobody]: () => longestPause(server.url, () => wait(1_000)),
    [first]: () => firstDecision(undecided, asked, workshop)
  }
  for (const [name, question] of Object.entries(questions)) {
    contenders[name] = () =>
      longestPause(server.url, (ask) => repeatedly((nth) => ask(question(asked, nth, nextBlocked))))
  }
  const rounds = await alternate(count, contenders)
  await server.stop()
  for (const one of [dir, undecided]) ledgers.discard(one)
  return [...Object.keys(questions), first].map((name) =>
    figureOf({
      bench: 'stall',
      what: `the longest pause of another client: ${name}, ${shape}`,
      unit: 'ms',
      ledger: `an identity of ${contacts.toLocaleString('en')}`,
      ours: rounds[name] ?? [],
      yardstick: { what: nobody, rounds: rounds[nobody] ?? [] },
      by: 'median',
      goal: { at: 'most', value: 50 }
    })
  )
}

async function repeatedly(ask: (nth: number) => Promise<unknown>) {
  for (let nth = 0; nth < times; nth++) {
    await ask(nth)
    await wait(rest)
  }
}

/** Has phones blocked that the large identity was never seen with. */
async function blockedPhones(url: string, many: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const phones = Array.from({ length: many }, (_, nth) => `77${nth}`)
  for (const phoneNumber of phones) {
    await take(agent, url, { path: '/identify', body: JSON.stringify({ phoneNumber }) })
    await take(agent, url, { path: '/decisions', body: blocking(true, `phone:${phoneNumber}`) })
  }
  agent.destroy()
  return phones
}

/** The pause by a decision in an identity in which there was none, which gives every value a row of its own. */
async function firstDecision(ledger: string, { lastEmail }: Large, workshop: Workshop) {
  const copy = workshop.ledgers.copyOf(ledger)
  const server = await serve(workshop, copy)
  const body = blocking(true, `email:${lastEmail}`)
  const longest = await longestPause(server.url, (ask) => ask({ path: '/decisions', body }))
  await server.stop()
  workshop.ledgers.discard(copy)
  return longest
}

/** How long the slowest of small questions took that are asked one after another meanwhile, in ms. */
async function longestPause(
  url: string,
  meanwhile: (ask: (one: Ask) => Promise<void>) => Promise<unknown>
): Promise<number> {
  const asker = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = async (one: Ask) => {
    const status = await take(asker, url, one)
    if (status !== 200) throw new Error(`${one.path} answered ${status}`)
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let longest = 0
  let over = false
  const watching = (async () => {
    while (!over) {
      const started = performance.now()
      await take(agent, url, { path: '/health/live' })
      longest = Math.max(longest, performance.now() - started)
      await wait(1)
    }
  })()
  const asking = wait(rest).then(() => meanwhile(ask))
  const end = () => {
    over = true
  }
  asking.then(end, end)
  // What is asked comes first, so that a refusal of it is what is told.
  const outcomes = await Promise.allSettled([asking, watching])
  for (const one of [agent, asker]) one.destroy()
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return longest
}
