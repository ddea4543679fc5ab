import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Bench, Workshop } from './bench.ts'
import { type Ask, take } from './clients.ts'
import { record } from './facts.ts'
import { type Figure, figureOf } from './figure.ts'
import { type Large, large, type Shape } from './large.ts'
import { alternate } from './rounds.ts'
import { serve } from './served.ts'

/** How often each is asked in a round. */
const times = 3

/** How long nobody asks before and after, in ms. */
const rest = 100

const questions: Readonly<Record<string, (of: Large) => Ask>> = {
  'POST /identify': ({ email, phoneNumber }) => ({
    path: '/identify',
    body: JSON.stringify({ email, phoneNumber })
  }),
  'POST /identify, a new contact': ({ phoneNumber }) => ({
    path: '/identify',
    body: JSON.stringify({ email: `new.${performance.now()}@home.example`, phoneNumber })
  }),
  'POST /identify?dryRun=true': ({ email, phoneNumber }) => ({
    path: '/identify?dryRun=true',
    body: JSON.stringify({ email, phoneNumber })
  }),
  'POST /decisions?dryRun=true': ({ phoneNumber }) => ({
    path: '/decisions?dryRun=true',
    body: JSON.stringify({
      ...{ type: 'IdentifierBlocked', identifier: `phone:${phoneNumber}` },
      ...{ actor: 'bench', reason: 'to measure it' }
    })
  }),
  'GET /contacts/:id': () => ({ path: '/contacts/1' }),
  'GET /contacts?email=': ({ email }) => ({ path: `/contacts?email=${email}` }),
  'GET /why': ({ email, lastEmail }) => ({
    path: `/why?from=email:${email}&to=email:${lastEmail}`
  }),
  'GET /identities/:id/graph': () => ({ path: '/identities/1/graph' }),
  'GET /contacts/:id/history': () => ({ path: '/contacts/1/history' })
}

const nobody = 'nobody asks'

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
  const server = await serve(workshop, dir)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const asking = (question: (of: Large) => Ask) => () =>
    longestPause(server.url, async () => {
      for (let nth = 0; nth < times; nth++) {
        const status = await take(agent, server.url, question(asked))
        if (status !== 200) throw new Error(`${question(asked).path} answered ${status}`)
        await wait(rest)
      }
    })
  const contenders: Record<string, () => Promise<number>> = {
    [nobody]: () => longestPause(server.url, () => wait(1_000))
  }
  for (const [name, question] of Object.entries(questions)) contenders[name] = asking(question)
  const rounds = await alternate(Math.min(sizes.rounds, 3), contenders)
  agent.destroy()
  await server.stop()
  ledgers.discard(dir)
  return Object.keys(questions).map((name) =>
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

/** How long the slowest of small questions took that are asked one after another meanwhile, in ms. */
async function longestPause(url: string, meanwhile: () => Promise<unknown>): Promise<number> {
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
  const asking = wait(rest).then(meanwhile)
  const end = () => {
    over = true
  }
  asking.then(end, end)
  // What is asked comes first, so that a refusal of it is what is told.
  const outcomes = await Promise.allSettled([asking, watching])
  agent.destroy()
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return longest
}
