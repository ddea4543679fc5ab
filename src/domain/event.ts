import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { type Identifier, Kind } from './identifier.ts'

/** Where an event stands in the log: 1, 2, 3 …, without a gap. */
export const Position = Type.Integer({ minimum: 1 })
export type Position = Static<typeof Position>

/** A contact's id, given in log order: the lower, the older. */
export const ContactId = Type.Integer({ minimum: 1 })
export type ContactId = Static<typeof ContactId>

/** An identifier's number, given once and never reused. Its value stands in the vault. */
export const IdentifierNumber = Type.Integer({ minimum: 1 })
export type IdentifierNumber = Static<typeof IdentifierNumber>

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const Timestamp = Type.Integer({ minimum: -8.64e15, maximum: 8.64e15 })
export type Timestamp = Static<typeof Timestamp>

/** A timestamp in ISO 8601, in UTC. Throws RangeError beyond ±8.64e15. */
export const isoTime = (ms: Timestamp): string => new Date(ms).toISOString()

/** A schema that allows null too. */
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/**
 * What asked for a fact or a decision: the id that the request was given, and what the caller calls
 * the work that it was a part of (a W3C `traceparent`). Neither has a say in anything.
 */
export const origin = {
  requestId: Type.Optional(Type.String()),
  correlationId: Type.Optional(Type.String())
}
export type Origin = { readonly requestId?: string; readonly correlationId?: string }

/**
 * Fact: these identifiers were seen together. `contact` is the id that it minted, if any, and
 * `introduces` the identifiers that the contact brought to its identity; where that is not given,
 * those that were never observed before.
 */
export const ContactObserved = Type.Object(
  {
    type: Type.Literal('ContactObserved'),
    email: orNull(IdentifierNumber),
    phoneNumber: orNull(IdentifierNumber),
    contact: orNull(ContactId),
    introduces: Type.Optional(Type.Array(IdentifierNumber, { minItems: 1, maxItems: 2 })),
    source: Type.String(),
    observedAt: Timestamp,
    idempotencyKey: Type.Optional(Type.String()),
    ...origin
  },
  { additionalProperties: false }
)
export type ContactObserved = Static<typeof ContactObserved>

/** Outcome: these primaries were absorbed by that one. `cause` is the event that joined them. */
export const ContactsMerged = Type.Object(
  {
    type: Type.Literal('ContactsMerged'),
    survivor: ContactId,
    absorbed: Type.Array(ContactId, { minItems: 1 }),
    cause: Position
  },
  { additionalProperties: false }
)
export type ContactsMerged = Static<typeof ContactsMerged>

/**
 * Outcome: an identity came apart. Told of the contacts that were live before and after: `identity`
 * is the oldest of them, whose part goes on; `parted` the other parts, each with its oldest contact
 * and all of its contacts.
 */
export const ContactsSplit = Type.Object(
  {
    type: Type.Literal('ContactsSplit'),
    identity: ContactId,
    parted: Type.Array(
      Type.Object({ primary: ContactId, contacts: Type.Array(ContactId, { minItems: 1 }) }),
      { minItems: 1 }
    ),
    cause: Position
  },
  { additionalProperties: false }
)
export type ContactsSplit = Static<typeof ContactsSplit>

const decided = {
  actor: Type.String({ minLength: 1 }),
  reason: Type.String({ minLength: 1 }),
  ...origin
}

const onIdentifier = <T extends string>(type: T) =>
  Type.Object(
    { type: Type.Literal(type), identifier: IdentifierNumber, ...decided },
    { additionalProperties: false }
  )

const onLink = <T extends string>(type: T) =>
  Type.Object(
    {
      type: Type.Literal(type),
      between: Type.Tuple([IdentifierNumber, IdentifierNumber]),
      ...decided
    },
    { additionalProperties: false }
  )

/** Decision: that observation counts no more. It can't be taken back; observe it again instead. */
export const ObservationRetracted = Type.Object(
  { type: Type.Literal('ObservationRetracted'), observation: Position, ...decided },
  { additionalProperties: false }
)

/** Decision: this identifier links nobody; or it does again. */
export const IdentifierBlocked = onIdentifier('IdentifierBlocked')
export const IdentifierUnblocked = onIdentifier('IdentifierUnblocked')

/** Decision: these two are not linked, whatever is observed; or that is lifted. */
export const LinkForbidden = onLink('LinkForbidden')
export const LinkAllowed = onLink('LinkAllowed')

/** Decision: these two are the same person, whatever is observed; or that is taken back. */
export const LinkAsserted = onLink('LinkAsserted')
export const AssertionWithdrawn = onLink('AssertionWithdrawn')

/** Decision: an identifier of this kind seen with more than `limit` others links nobody. */
export const SharingLimitSet = Type.Object(
  {
    type: Type.Literal('SharingLimitSet'),
    kind: Kind,
    limit: orNull(Type.Integer({ minimum: 0 })),
    ...decided
  },
  { additionalProperties: false }
)

/** What an operator decided, with who and why. */
export const Decision = Type.Union([
  ObservationRetracted,
  IdentifierBlocked,
  IdentifierUnblocked,
  LinkForbidden,
  LinkAllowed,
  LinkAsserted,
  AssertionWithdrawn,
  SharingLimitSet
])
export type Decision = Static<typeof Decision>

/** Facts and decisions: what outcomes follow from. */
export type Cause = ContactObserved | Decision

/** What follows from facts and decisions, on record. */
export type Outcome = ContactsMerged | ContactsSplit

/** Every event that this program writes and understands. All are version 1. */
export const LedgerEvent = Type.Union([
  ContactObserved,
  ContactsMerged,
  ContactsSplit,
  ...Decision.anyOf
])
export type LedgerEvent = Static<typeof LedgerEvent>

/**
 * An event as it stands in the log. `identifiers` are those that it names, in the order of their
 * fields, with their values from the vault.
 */
export type Recorded<E extends LedgerEvent = LedgerEvent> = {
  readonly position: Position
  readonly recordedAt: Timestamp
  readonly event: E
  readonly identifiers: readonly Identifier[]
}

/** The numbers of the identifiers that an event names. */
export function identifiersOf(event: LedgerEvent): IdentifierNumber[] {
  switch (event.type) {
    case 'ContactObserved':
      return [event.email, event.phoneNumber].filter((number) => number !== null)
    case 'IdentifierBlocked':
    case 'IdentifierUnblocked':
      return [event.identifier]
    case 'LinkForbidden':
    case 'LinkAllowed':
    case 'LinkAsserted':
    case 'AssertionWithdrawn':
      return [...event.between]
    case 'ContactsMerged':
    case 'ContactsSplit':
    case 'ObservationRetracted':
    case 'SharingLimitSet':
      return []
  }
}
