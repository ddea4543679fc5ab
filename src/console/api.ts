import type { Carriers } from '../carriers.ts'
import type { DecisionBody } from '../decision-body.ts'
import type { Identity } from '../domain/answer.ts'
import type { IdentityGraph } from '../identity-graph.ts'
import type { PublishedDecision } from '../published-decision.ts'
import type { EventPage } from '../published-event.ts'
import type { PublishedWhy } from '../published-why.ts'
import type { Stats } from '../stats.ts'
import type { ContactWithIdentity } from '../views.ts'
import { askForToken, credentials, forgetToken } from './access.ts'
import { queryOf } from './place.ts'
import { Refusal } from './refusal.ts'

/** A point of the past by its position; null is the present. */
type AsOf = number | null

/** How many events are asked for at once. */
const pageSize = 1_000

/** The questions that the console asks. Each rejects with a `Refusal` when the service says no. */
export function api(signal: AbortSignal) {
  const get = async <T>(path: string): Promise<T> => {
    const answer = await send(path, { signal })
    return (await answer.json()) as T
  }
  return {
    stats: () => get<Stats>('/stats'),
    status: () => get<{ readonly head: number }>('/health/ready'),
    contact: (id: number, asOf: AsOf = null) =>
      get<ContactWithIdentity>(`/contacts/${id}${queryOf({ asOf })}`),
    identity: (values: { readonly email: string } | { readonly phoneNumber: string }) =>
      get<Identity>(`/contacts${queryOf(values)}`),
    carriers: (identifier: string) =>
      get<Carriers>(`/identifiers/${encodeURIComponent(identifier)}`),
    graph: (id: number, asOf: AsOf = null) =>
      get<IdentityGraph>(`/identities/${id}/graph${queryOf({ asOf })}`),
    history: (id: number, after: number) =>
      get<EventPage>(`/contacts/${id}/history${queryOf({ after, limit: pageSize })}`),
    why: (from: string, to: string, asOf: AsOf = null) =>
      get<PublishedWhy>(`/why${queryOf({ from, to, asOf })}`),
    /** Makes a decision, or with `dryRun` only tells what it would change. */
    async decide(body: DecisionBody, { dryRun }: { dryRun: boolean }) {
      const headers = { 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(body), signal }
      const answer = await send(`/decisions${queryOf({ dryRun: String(dryRun) })}`, init)
      return (await answer.json()) as PublishedDecision
    },
    /** The change feed after a position, as it comes. */
    follow: (after: number) =>
      send(`/events${queryOf({ after })}`, { signal, headers: { accept: 'text/event-stream' } })
  }
}

/** The answer of a question, null where the service knows nothing of what it is about. */
export async function ifKnown<T>(question: Promise<T>): Promise<T | null> {
  try {
    return await question
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return null
    throw error
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const headers = { accept: 'application/json', ...init.headers, ...credentials() }
  const answer = await fetch(path, { ...init, headers, cache: 'no-store' })
  if (answer.ok) return answer
  const refusal = await refusalIn(answer)
  if (answer.status !== 401 || init.signal?.aborted) throw refusal
  forgetToken()
  if (await askForToken(refusal.message)) return send(path, init)
  throw refusal
}

async function refusalIn(answer: Response): Promise<Refusal> {
  const told: unknown = await answer.json().catch(() => null)
  const { detail, errors } = (told ?? {}) as { detail?: string; errors?: Refusal['problems'] }
  return new Refusal(answer.status, detail ?? `The service answered ${answer.status}.`, errors)
}
