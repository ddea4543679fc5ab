import { type AskedDecision, type DecisionMade, resolveDecision } from './decision.ts'
import { answerOfGroup, type Identity } from './domain/answer.ts'
import { decide, type Observation } from './domain/decide.ts'
import { decideDecision, groupOf } from './domain/decide-on-evidence.ts'
import type { Next } from './domain/decided.ts'
import { differenceOf } from './domain/difference.ts'
import { LedgerError } from './domain/errors.ts'
import type { ContactId, ContactObserved, Recorded } from './domain/event.ts'
import { oldestLive } from './domain/groups.ts'
import type { Touched } from './domain/letting-go.ts'
import {
  answer,
  follow,
  knowledgeOf,
  type Neighbourhood,
  primary,
  rememberKeyOf
} from './domain/neighbourhood.ts'
import type { Reshaping } from './domain/reshape.ts'
import { type Receipt, receiptOf } from './receipt.ts'
import type { WritingView } from './views.ts'

/** What a request comes to: events that are not recorded yet, and the answer once they are. */
export type Step<T> = {
  readonly events: readonly Recorded[]
  readonly answer: T
  /** What it does to identities, where that had to be worked out. */
  readonly reshaping: Reshaping | null
  /** How many contacts its answer lists. */
  readonly weight: number
}

/**
 * Decides a request to `/identify` on a neighbourhood that holds all that is known of its values, and
 * has the neighbourhood follow. Throws what `decide` throws, and `conflict` where no identity holds
 * what was recorded.
 */
export function identify(
  view: Holding,
  known: Neighbourhood,
  asked: Observation,
  next: Next
): Step<Identity> {
  const { events, reshaping, answer: found } = take(view, known, asked, next, byIdentity)
  if (found !== null) {
    return { events, reshaping, answer: found, weight: 1 + found.secondaryContactIds.length }
  }
  throw new LedgerError(
    'conflict',
    'What was recorded under this Idempotency-Key was taken back since; no identity holds it.'
  )
}

/** The same, answered by the facts alone: it costs no more in a large identity than in a small one. */
export function record(
  view: Holding,
  known: Neighbourhood,
  asked: Observation,
  next: Next
): Step<Receipt> {
  const { events, reshaping, answer: primaryContactId } = take(view, known, asked, next, byPrimary)
  return { events, reshaping, answer: receiptOf(events, primaryContactId), weight: 1 }
}

/** What `identify` asks of a read model where a neighbourhood can't tell. */
type Holding = Pick<WritingView, 'evidence' | 'standing'>

/** How the identity that holds a request is told: by what is known here, or of the whole of it. */
type Telling<T> = {
  here(known: Neighbourhood, asked: Observation): T
  of(identity: Identity): T
}

const byIdentity: Telling<Identity> = { here: answer, of: (identity) => identity }
const byPrimary: Telling<ContactId> = {
  here: primary,
  of: (identity) => identity.primaryContactId
}

function take<T extends Identity | ContactId>(
  view: Holding,
  known: Neighbourhood,
  asked: Observation,
  next: Next,
  tell: Telling<T>
): Omit<Step<T | null>, 'weight'> {
  const knowledge = knowledgeOf(known, asked)
  const { events, reshaping, repeats } = decide(knowledge, asked, next, () => view.evidence)
  if (reshaping !== null) {
    const observed = events[0]?.event as ContactObserved
    const identity = answerOfGroup(reshaping.graph, groupOf(reshaping, observed))
    if (identity === null) throw new Error(`observation ${events[0]?.position} has no identity`)
    return { events, reshaping, answer: tell.of(identity) }
  }
  if (repeats || (events.length === 0 && knowledge.ruled)) {
    for (const { event } of events) rememberKeyOf(known, event)
    const identity = view.standing(asked)
    return { events, reshaping, answer: identity && tell.of(identity) }
  }
  for (const recorded of events) follow(known, recorded)
  return { events, reshaping, answer: tell.here(known, asked) }
}

/** Decides a decision. Throws `not_found`, `invalid`. */
export function correct(
  view: Pick<WritingView, 'evidence' | 'identifier'>,
  asked: AskedDecision,
  next: Next
): Step<DecisionMade> {
  const { event, identifiers } = resolveDecision(view, asked)
  const { events, reshaping } = decideDecision(view.evidence, event, identifiers, next)
  const difference = differenceOf(reshaping)
  const listed = [...difference.before, ...difference.after]
  const weight = listed.reduce((sum, one) => sum + 1 + one.secondaryContactIds.length, 1)
  return { events, answer: { events, ...difference }, reshaping, weight }
}

/** What a step changed of what is known. */
export function touchedBy({ events, reshaping }: Step<unknown>): Touched {
  const { graph, before = [], after = [] } = reshaping ?? {}
  const numbers = [...before, ...after].flatMap(({ identifiers }) => identifiers)
  const named = events.flatMap(({ identifiers }) => identifiers.map(({ value }) => value))
  return {
    values: [...named, ...numbers.flatMap((number) => graph?.state(number)?.value ?? [])],
    primaries: before.flatMap((group) => oldestLive(group)?.id ?? [])
  }
}
