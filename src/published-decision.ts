import { type Static, Type } from '@sinclair/typebox'
import type { DecisionMade } from './decision.ts'
import { Identity } from './domain/answer.ts'
import type { Difference } from './domain/difference.ts'
import {
  ContactId,
  ContactsMerged,
  ContactsSplit,
  Decision,
  orNull,
  Position,
  type Recorded
} from './domain/event.ts'
import { publish } from './published-event.ts'

/** An outcome without its time, so that a supposed one equals the one on record. */
const PublishedOutcome = Type.Union([
  Type.Object({
    position: Position,
    type: ContactsMerged.properties.type,
    data: Type.Omit(ContactsMerged, ['type'])
  }),
  Type.Object({
    position: Position,
    type: ContactsSplit.properties.type,
    data: Type.Omit(ContactsSplit, ['type'])
  })
])
type PublishedOutcome = Static<typeof PublishedOutcome>

/** A decision and what it changed, as the world is told of it. */
export const PublishedDecision = Type.Object({
  position: Position,
  type: Type.Union(Decision.anyOf.map(({ properties }) => properties.type)),
  changed: Type.Boolean(),
  /** The identities that are not any more as they were, and what they became; the largest first. */
  before: Type.Array(Identity),
  after: Type.Array(Identity),
  /** Contacts that have another primary; null for one that was not live, or is not any more. */
  moved: Type.Array(
    Type.Object({ contact: ContactId, from: orNull(ContactId), to: orNull(ContactId) })
  ),
  primaries: Type.Object({ gained: Type.Array(ContactId), lost: Type.Array(ContactId) }),
  outcomes: Type.Array(PublishedOutcome)
})
export type PublishedDecision = Static<typeof PublishedDecision>

/** What is told of a decision but for its events. */
type PublishedDifference = Omit<PublishedDecision, 'position' | 'type' | 'outcomes'>

/** Tells the world what became of a decision. */
export function publishDecision(made: DecisionMade): PublishedDecision {
  const { position, type, outcomes } = publishDecided(made.events)
  return { position, type, ...publishDifference(made), outcomes }
}

/** Tells the world of the events of a decision. */
export function publishDecided(
  events: readonly Recorded[]
): Pick<PublishedDecision, 'position' | 'type' | 'outcomes'> {
  const [decided, ...outcomes] = events.map(publish)
  if (decided === undefined) throw new Error('a decision is an event')
  return {
    position: decided.position,
    type: decided.type as Decision['type'],
    outcomes: outcomes.map(({ position, type, data }) => {
      return { position, type, data } as PublishedOutcome
    })
  }
}

/** Tells the world what a decision changed. */
export function publishDifference(difference: Difference): PublishedDifference {
  const { changed, before, after, moved } = difference
  return {
    changed,
    before: [...before],
    after: [...after],
    moved: [...moved],
    primaries: {
      gained: moved.filter(({ contact, to }) => to === contact).map(({ contact }) => contact),
      lost: moved.filter(({ contact, from }) => from === contact).map(({ contact }) => contact)
    }
  }
}
