import { type Static, type TObject, Type } from '@sinclair/typebox'
import {
  ContactObserved,
  ContactsMerged,
  ContactsSplit,
  isoTime,
  ObservationRetracted,
  origin,
  orNull,
  Position,
  type Recorded,
  SharingLimitSet
} from './domain/event.ts'
import { type Identifier, IdentifierName, type Kind, nameOf } from './domain/identifier.ts'

const published = <T extends string, D extends TObject>(type: T, data: D) =>
  Type.Object({ position: Position, type: Type.Literal(type), recordedAt: Type.String(), data })

const said = { actor: Type.String(), reason: Type.String(), ...origin }
const OnIdentifier = Type.Object({ identifier: IdentifierName, ...said })
const OnLink = Type.Object({ between: Type.Tuple([IdentifierName, IdentifierName]), ...said })

/** An event as the world is told of it: values instead of numbers, times in ISO 8601. */
export const PublishedEvent = Type.Union([
  published(
    'ContactObserved',
    Type.Object({
      email: orNull(Type.String()),
      phoneNumber: orNull(Type.String()),
      contact: ContactObserved.properties.contact,
      source: Type.String(),
      observedAt: Type.String(),
      idempotencyKey: Type.Optional(Type.String()),
      ...origin
    })
  ),
  published('ContactsMerged', Type.Omit(ContactsMerged, ['type'])),
  published('ContactsSplit', Type.Omit(ContactsSplit, ['type'])),
  published('ObservationRetracted', Type.Omit(ObservationRetracted, ['type'])),
  published('IdentifierBlocked', OnIdentifier),
  published('IdentifierUnblocked', OnIdentifier),
  published('LinkForbidden', OnLink),
  published('LinkAllowed', OnLink),
  published('LinkAsserted', OnLink),
  published('AssertionWithdrawn', OnLink),
  published('SharingLimitSet', Type.Omit(SharingLimitSet, ['type']))
])
export type PublishedEvent = Static<typeof PublishedEvent>

/** Some events, and the `after` of those that come next; null when there are none. */
export const EventPage = Type.Object({
  events: Type.Array(PublishedEvent),
  next: orNull(Position)
})
export type EventPage = Static<typeof EventPage>

/** Tells the first `limit` of the events that were found. */
export function publishPage(found: readonly Recorded[], limit: number): EventPage {
  const events = found.slice(0, limit).map(publish)
  return { events, next: found.length > limit ? (events.at(-1)?.position ?? null) : null }
}

/** Tells an event to the world. */
export function publish({ position, recordedAt, event, identifiers }: Recorded): PublishedEvent {
  const tell = <Type, Data>(type: Type, data: Data) => ({
    position,
    recordedAt: isoTime(recordedAt),
    type,
    data
  })
  switch (event.type) {
    case 'ContactObserved': {
      const value = (kind: Kind) => identifiers.find((one) => one.kind === kind)?.value ?? null
      const { type, introduces: _, ...data } = event
      return tell(type, {
        ...data,
        email: value('email'),
        phoneNumber: value('phone'),
        observedAt: isoTime(event.observedAt)
      })
    }
    case 'ContactsMerged': {
      const { type, ...data } = event
      return tell(type, data)
    }
    case 'ContactsSplit': {
      const { type, ...data } = event
      return tell(type, data)
    }
    case 'ObservationRetracted': {
      const { type, ...data } = event
      return tell(type, data)
    }
    case 'SharingLimitSet': {
      const { type, ...data } = event
      return tell(type, data)
    }
    case 'IdentifierBlocked':
    case 'IdentifierUnblocked': {
      const { type, ...data } = event
      return tell(type, { ...data, identifier: named(identifiers[0]) })
    }
    case 'LinkForbidden':
    case 'LinkAllowed':
    case 'LinkAsserted':
    case 'AssertionWithdrawn': {
      const { type, ...data } = event
      const between: [string, string] = [named(identifiers[0]), named(identifiers[1])]
      return tell(type, { ...data, between })
    }
  }
}

function named(identifier: Identifier | undefined): string {
  if (identifier === undefined) throw new Error('the event names an identifier that it lacks')
  return nameOf(identifier)
}
