import type { Difference } from './domain/difference.ts'
import { LedgerError } from './domain/errors.ts'
import type { Decision, Origin, Position, Recorded } from './domain/event.ts'
import { type Identifier, type Kind, nameOf } from './domain/identifier.ts'
import type { WritingView } from './views.ts'

/** An identifier by its value. */
export type Value = Pick<Identifier, 'kind' | 'value'>

type Said = { readonly actor: string; readonly reason: string; readonly origin?: Origin }

/** A decision as an operator asks for it: identifiers by their values. */
export type AskedDecision = Said &
  (
    | { readonly type: 'ObservationRetracted'; readonly observation: Position }
    | { readonly type: 'IdentifierBlocked' | 'IdentifierUnblocked'; readonly identifier: Value }
    | {
        readonly type: 'LinkForbidden' | 'LinkAllowed' | 'LinkAsserted' | 'AssertionWithdrawn'
        readonly between: readonly [Value, Value]
      }
    | { readonly type: 'SharingLimitSet'; readonly kind: Kind; readonly limit: number | null }
  )

/** What became of a decision: the events that it added, itself the first, and what they changed. */
export type DecisionMade = Difference & { readonly events: readonly Recorded[] }

/**
 * Reads a decision by numbers. Throws `not_found` when it is about something that was never
 * observed, `invalid` when it is about an identifier and itself.
 */
export function resolveDecision(
  view: Pick<WritingView, 'identifier' | 'evidence'>,
  asked: AskedDecision
): { readonly event: Decision; readonly identifiers: readonly Identifier[] } {
  const known = (value: Value, path: string): Identifier => {
    const found = view.identifier(value)
    if (found !== null) return found
    throw new LedgerError('not_found', `Nothing is known about that ${value.kind}.`, [
      { path, message: 'is not known' }
    ])
  }
  const said = { actor: asked.actor, reason: asked.reason, ...asked.origin }
  switch (asked.type) {
    case 'ObservationRetracted': {
      const { type, observation } = asked
      if (view.evidence.observation(observation) === null) {
        throw new LedgerError('not_found', `There is no observation at position ${observation}.`)
      }
      return { event: { type, observation, ...said }, identifiers: [] }
    }
    case 'IdentifierBlocked':
    case 'IdentifierUnblocked': {
      const { type } = asked
      const identifier = known(asked.identifier, '/identifier')
      return {
        event: { type, identifier: identifier.number, ...said },
        identifiers: [identifier]
      }
    }
    case 'LinkForbidden':
    case 'LinkAllowed':
    case 'LinkAsserted':
    case 'AssertionWithdrawn': {
      const { type } = asked
      if (nameOf(asked.between[0]) === nameOf(asked.between[1])) {
        throw new LedgerError('invalid', 'A link is between two different identifiers.', [
          { path: '/between', message: 'must name two different identifiers' }
        ])
      }
      const one = known(asked.between[0], '/between/0')
      const other = known(asked.between[1], '/between/1')
      const event = { type, between: [one.number, other.number] as [number, number], ...said }
      return { event, identifiers: [one, other] }
    }
    case 'SharingLimitSet': {
      const { type, kind, limit } = asked
      return { event: { type, kind, limit, ...said }, identifiers: [] }
    }
  }
}
