import type { ContactId, IdentifierNumber, Position, Recorded } from './event.ts'
import type { Kind } from './identifier.ts'

/** Of decisions on one thing the latest, by its position. */
type Latest<T> = { readonly position: Position; readonly holds: T }

/**
 * What was observed and decided. Observations stand by position in arrays of numbers (0 for null).
 * Kept apart from what follows from it, so that hearing an event twice, late or early is no matter.
 */
export type Facts = {
  readonly email: IdentifierNumber[]
  readonly phoneNumber: IdentifierNumber[]
  readonly contact: ContactId[]
  readonly introduces: Map<Position, readonly IdentifierNumber[]>
  /** Retracted observations, each with the position of the first decision that retracted it. */
  readonly retracted: Map<Position, Position>
  readonly blocked: Map<IdentifierNumber, Latest<boolean>>
  /** By both ends, as `linkName` names them. */
  readonly forbidden: Map<string, Latest<boolean>>
  readonly asserted: Map<string, Latest<boolean>>
  readonly limits: Map<Kind, Latest<number | null>>
}

/** Before anything happened. */
export function noFacts(): Facts {
  return {
    email: [],
    phoneNumber: [],
    contact: [],
    introduces: new Map(),
    retracted: new Map(),
    blocked: new Map(),
    forbidden: new Map(),
    asserted: new Map(),
    limits: new Map()
  }
}

/** Takes one event to the facts, in place. Idempotent and commutative. */
export function evolve(facts: Facts, { position, event }: Recorded): Facts {
  switch (event.type) {
    case 'ContactObserved':
      facts.email[position] = event.email ?? 0
      facts.phoneNumber[position] = event.phoneNumber ?? 0
      facts.contact[position] = event.contact ?? 0
      if (event.introduces) facts.introduces.set(position, event.introduces)
      return facts
    case 'ContactsMerged':
    case 'ContactsSplit':
      return facts
    case 'ObservationRetracted': {
      const earlier = facts.retracted.get(event.observation) ?? position
      facts.retracted.set(event.observation, Math.min(position, earlier))
      return facts
    }
    case 'IdentifierBlocked':
    case 'IdentifierUnblocked':
      holds(facts.blocked, event.identifier, position, event.type === 'IdentifierBlocked')
      return facts
    case 'LinkForbidden':
    case 'LinkAllowed':
      holds(facts.forbidden, linkName(event.between), position, event.type === 'LinkForbidden')
      return facts
    case 'LinkAsserted':
    case 'AssertionWithdrawn':
      holds(facts.asserted, linkName(event.between), position, event.type === 'LinkAsserted')
      return facts
    case 'SharingLimitSet':
      holds(facts.limits, event.kind, position, event.limit)
      return facts
  }
}

/** The facts that a history tells, in any order, with any repetition. */
export function fold(history: Iterable<Recorded>): Facts {
  const facts = noFacts()
  for (const recorded of history) evolve(facts, recorded)
  return facts
}

/** The values of an observation by number, 0 for none. */
export function valuesAt(facts: Facts, position: Position): [email: number, phoneNumber: number] {
  return [facts.email[position] as number, facts.phoneNumber[position] as number]
}

/** A link by its ends, whichever comes first. */
export function linkName(between: readonly [IdentifierNumber, IdentifierNumber]): string {
  const [a, b] = between
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

/** The ends of a link by that name. */
export function linkEnds(name: string): [IdentifierNumber, IdentifierNumber] {
  const [a = 0, b = 0] = name.split(' ').map(Number)
  return [a, b]
}

function holds<K, T>(decided: Map<K, Latest<T>>, on: K, position: Position, now: T) {
  const latest = decided.get(on)
  if (latest === undefined || latest.position < position) {
    decided.set(on, { position, holds: now })
  }
}
