import type { AskedDecision, DecisionMade } from './decision.ts'
import type { Identity } from './domain/answer.ts'
import type { Observation } from './domain/decide.ts'
import type { Next } from './domain/decided.ts'
import { LedgerError } from './domain/errors.ts'
import type { Position, Recorded, Timestamp } from './domain/event.ts'
import { letGo, type Touched } from './domain/letting-go.ts'
import { type Neighbourhood, rememberKeyOf } from './domain/neighbourhood.ts'
import { carryOut, type ToldPlan } from './plan.ts'
import type { Receipt } from './receipt.ts'
import { correct, identify, nextOf, record, type Step } from './step.ts'
import type { WritingView } from './views.ts'

type Promised<T> = {
  resolve(answer: T): void
  reject(refusal: unknown): void
}

/** A request that waits for its turn, and how to answer it. */
export type Waiting = Observing | Recording | Deciding | CarryingOut

type Observing = Promised<Identity> & { readonly kind: 'observe'; readonly asked: Observation }

/** The same, answered by its receipt. */
type Recording = Promised<Receipt> & { readonly kind: 'record'; readonly asked: Observation }

/** A decision that is to be decided. */
export type Deciding = Promised<DecisionMade> & {
  readonly kind: 'decide'
  readonly decision: AskedDecision
}

/** One that was worked out, of which nothing that it rests on has changed. */
type CarryingOut = Promised<unknown> & {
  readonly kind: 'carryOut'
  readonly plan: ToldPlan<unknown>
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

/** How many requests were decided, and whether what was known before is of no use any more. */
export type Progress = { readonly done: number; readonly outdated: boolean }

/**
 * Decides requests into a batch, in their order, each on what those before it made of the read
 * model and of the neighbourhood, until the batch is full or a sharing limit was set. One
 * that is refused leaves its neighbours as they are. An answer is whole identities and waits in
 * memory until its batch is on disk, so a batch of answers from large identities is full early.
 */
export function decideInto(
  batch: Batch,
  requests: readonly Waiting[],
  view: WritingView,
  known: Neighbourhood,
  now: Timestamp,
  limits: BatchLimits
): Progress {
  const limitSet = requests.findIndex(setsLimit)
  const most = limits.requests - batch.answers.length
  const taken = requests.slice(0, limitSet === -1 ? most : Math.min(most, limitSet + 1))
  if (batch.weight >= limits.weight) return { done: 0, outdated: false }
  view.load(
    known,
    taken.flatMap((waiting) => ('asked' in waiting ? waiting.asked : []))
  )
  const next = nextOf(view, now)
  let done = 0
  for (const waiting of taken) {
    if (batch.weight >= limits.weight) break
    done++
    const { resolve, reject } = waiting
    const step = attempt(() => decideHere(view, known, waiting, next))
    if (step instanceof LedgerError) {
      batch.answers.push({ give: () => reject(step), refuse: reject })
      continue
    }
    for (const [nth, recorded] of step.events.entries()) {
      view.record(recorded, nth === 0 ? step.changes?.workedOut : undefined)
      count(next, recorded)
      batch.events.push(recorded)
    }
    batch.weight += step.weight
    const give = resolve as (answer: unknown) => void
    batch.answers.push({ give: () => give(step.answer), refuse: reject })
    // A limit has a say in everything that is known.
    if (setsLimit(waiting)) return { done, outdated: true }
    if (step.changes !== null) outdate(known, step.changes.touched(), step.events)
  }
  return { done, outdated: false }
}

const setsLimit = (waiting: Waiting) =>
  waiting.kind === 'decide' && waiting.decision.type === 'SharingLimitSet'

function decideHere(
  view: WritingView,
  known: Neighbourhood,
  waiting: Waiting,
  next: Next
): Step<unknown> {
  switch (waiting.kind) {
    case 'observe':
      loadAnew(view, known, waiting.asked)
      return identify(view, known, waiting.asked, next)
    case 'record':
      loadAnew(view, known, waiting.asked)
      return record(view, known, waiting.asked, next)
    case 'decide':
      return correct(view, waiting.decision, next)
    case 'carryOut':
      return carryOut(waiting.plan, next)
  }
}

/** Loads what was let go of a request's values. */
function loadAnew(view: WritingView, known: Neighbourhood, asked: Observation) {
  const { stale } = known
  if (stale.size > 0 && [asked.email, asked.phoneNumber].some((one) => stale.has(one ?? ''))) {
    view.load(known, [asked])
  }
}

/** Lets go of all that a step changed. */
function outdate(known: Neighbourhood, touched: Touched, events: readonly Recorded[]) {
  letGo(known, touched)
  for (const { event } of events) rememberKeyOf(known, event)
}

function attempt<T>(decide: () => Step<T>): Step<T> | LedgerError {
  try {
    return decide()
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
