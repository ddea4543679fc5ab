import { type AskedDecision, type DecisionMade, resolveDecision } from './decision.ts'
import { answerOfGroup, type Identity } from './domain/answer.ts'
import { decide, type Observation } from './domain/decide.ts'
import { decideDecision, groupOf } from './domain/decide-on-evidence.ts'
import type { Next } from './domain/decided.ts'
import { type Difference, differenceOf } from './domain/difference.ts'
import { LedgerError } from './domain/errors.ts'
import type { ContactId, ContactObserved, Recorded, Timestamp } from './domain/event.ts'
import { listedBy, oldestLive } from './domain/groups.ts'
import { knowledgeOf } from './domain/knowledge.ts'
import type { Touched } from './domain/letting-go.ts'
import {
  answer,
  follow,
  type Neighbourhood,
  primary,
  rememberKeyOf
} from './domain/neighbourhood.ts'
import type { Reshaping } from './domain/reshape.ts'
import { type Receipt, receiptOf } from './receipt.ts'
import type { WorkedOut } from './settlement.ts'
import type { WritingView } from './views.ts'

/** What a request comes to: events that are not recorded yet, and the answer once they are. */
export type Step<T> = {
  readonly events: readonly Recorded[]
  readonly answer: T
  /** What it does to identities, where that had to be worked out. */
  readonly changes: Changes<WorkedOut> | null
  /** How many contacts its answer lists. */
  readonly weight: number
}

/** What a step does to identities, and what is known that is not so any more. */
export type Changes<Of extends WorkedOut> = { readonly workedOut: Of; touched(): Touched }

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
  const { events, changes, answer: found } = take(view, known, asked, next, byIdentity)
  if (found !== null) {
    return { events, changes, answer: found, weight: 1 + found.secondaryContactIds.length }
  }
  throw new LedgerError(
    'conflict',
    'No identity holds what was recorded under this Idempotency-Key any more: decisions came since.'
  )
}

/** The same, answered by the facts alone: it costs no more in a large identity than in a small one. */
export function record(
  view: Holding,
  known: Neighbourhood,
  asked: Observation,
  next: Next
): Step<Receipt> {
  const { events, changes, answer: primaryContactId } = take(view, known, asked, next, byPrimary)
  return { events, changes, answer: receiptOf(events, primaryContactId), weight: 1 }
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
    return { events, changes: changesBy(events, reshaping), answer: tell.of(identity) }
  }
  if (repeats || (events.length === 0 && knowledge.say.is === 'certain')) {
    for (const { event } of events) rememberKeyOf(known, event)
    const identity = view.standing(asked)
    return { events, changes: null, answer: identity && tell.of(identity) }
  }
  for (const recorded of events) follow(known, recorded)
  return { events, changes: null, answer: tell.here(known, asked) }
}

/** Decides a decision. Throws `not_found`, `invalid`. */
export function correct(
  view: Pick<WritingView, 'evidence' | 'identifier'>,
  asked: AskedDecision,
  next: Next
): Step<DecisionMade> & { readonly changes: Changes<Reshaping> } {
  const { event, identifiers } = resolveDecision(view, asked)
  const { events, reshaping } = decideDecision(view.evidence, event, identifiers, next)
  const difference = differenceOf(reshaping)
  const answer = { events, ...difference }
  return { events, answer, weight: weightOf(difference), changes: changesBy(events, reshaping) }
}

/** What the next events are numbered by. */
export function nextOf(view: Pick<WritingView, 'latest'>, now: Timestamp): Next {
  const { position, contact, identifier } = view.latest()
  return { position: position + 1, contact: contact + 1, identifier: identifier + 1, now }
}

/** How many contacts are listed where a difference is told. */
function weightOf({ before, after }: Difference): number {
  return [...before, ...after].reduce((sum, one) => sum + 1 + one.secondaryContactIds.length, 1)
}

function changesBy(events: readonly Recorded[], reshaping: Reshaping): Changes<Reshaping> {
  return { workedOut: reshaping, touched: () => touchedBy(events, reshaping) }
}

/**
 * What is known and not so any more. A value that an identity before it lists is let go with that identity,
 * so only its primary is told: of a large one that is a number instead of 100,000 texts from a thread.
 */
function touchedBy(events: readonly Recorded[], { graph, before, after }: Reshaping): Touched {
  const values = new Set(events.flatMap(({ identifiers }) => identifiers.map(({ value }) => value)))
  const listed = new Set(before.flatMap(({ contacts }) => contacts.flatMap(listedBy)))
  for (const { identifiers } of [...before, ...after]) {
    for (const number of identifiers) {
      const value = listed.has(number) ? undefined : graph.state(number)?.value
      if (value !== undefined) values.add(value)
    }
  }
  // From a thread a list of 100,000 numbers would take a hundred times as long.
  const primaries = Float64Array.from(before.flatMap((group) => oldestLive(group)?.id ?? []))
  return { values: [...values], primaries }
}
