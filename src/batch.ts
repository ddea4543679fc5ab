import type { Identity } from './domain/answer.ts'
import { decide, type Next, type Observation } from './domain/decide.ts'
import { LedgerError } from './domain/errors.ts'
import type { Position, Recorded, Timestamp } from './domain/event.ts'
import { answer, follow, knowledgeOf, type Neighbourhood } from './domain/neighbourhood.ts'
import type { WritingView } from './views.ts'

/** A request that waits for its turn, and how to answer it. */
export type Waiting = {
  readonly asked: Observation
  readonly resolve: (identity: Identity) => void
  readonly reject: (refusal: LedgerError) => void
}

/** Requests that were decided and wait to be on disk: their events, and their answers. */
export type Batch = {
  readonly head: Position | 0
  readonly events: Recorded[]
  readonly answers: { give(): void; refuse(refusal: LedgerError): void }[]
  /** How many contacts its answers list together. */
  weight: number
}

/** A batch that will continue the log after this position. */
export function emptyBatch(head: Position | 0): Batch {
  return { head, events: [], answers: [], weight: 0 }
}

/** How many requests share an append, and how many contacts their answers list, at most. */
export type BatchLimits = { readonly requests: number; readonly weight: number }

/**
 * Decides requests into a batch, in their order, each on what those before it made of the read
 * model and of the neighbourhood, until the batch is full; returns how many. One that is refused
 * leaves its neighbours as they are. An answer is a whole identity and waits in memory until its
 * batch is on disk, so a batch of answers from large identities is full early.
 */
export function decideInto(
  batch: Batch,
  requests: readonly Waiting[],
  view: WritingView,
  known: Neighbourhood,
  now: Timestamp,
  limits: BatchLimits
): number {
  const taken = requests.slice(0, limits.requests - batch.answers.length)
  if (batch.weight >= limits.weight) return 0
  view.load(
    known,
    taken.map(({ asked }) => asked)
  )
  const { position, contact, identifier } = view.latest()
  const next = { position: position + 1, contact: contact + 1, identifier: identifier + 1, now }
  let done = 0
  for (const { asked, resolve, reject } of taken) {
    if (batch.weight >= limits.weight) break
    done++
    const decided = decideOrRefuse(known, asked, next)
    if (decided instanceof LedgerError) {
      batch.answers.push({ give: () => reject(decided), refuse: reject })
      continue
    }
    for (const recorded of decided) {
      view.record(recorded)
      follow(known, recorded)
      count(next, recorded)
      batch.events.push(recorded)
    }
    const identity = answer(known, asked)
    batch.weight += 1 + identity.secondaryContactIds.length
    batch.answers.push({ give: () => resolve(identity), refuse: reject })
  }
  return done
}

function decideOrRefuse(
  known: Neighbourhood,
  asked: Observation,
  next: Next
): Recorded[] | LedgerError {
  try {
    return decide(knowledgeOf(known, asked), asked, next)
  } catch (refusal) {
    if (refusal instanceof LedgerError) return refusal
    throw refusal
  }
}

/** Moves the counters past an event. */
function count(next: { -readonly [K in keyof Next]: Next[K] }, { event, identifiers }: Recorded) {
  next.position++
  if (event.type === 'ContactObserved' && event.contact !== null) next.contact++
  for (const { number } of identifiers) next.identifier = Math.max(next.identifier, number + 1)
}
