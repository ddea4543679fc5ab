import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { LedgerError } from './errors.ts'
import type { Identifier } from './identifier.ts'

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

/** A schema that allows null too. */
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Fact: these identifiers were seen together. `contact` is the id that it minted, if any. */
export const ContactObserved = Type.Object(
  {
    type: Type.Literal('ContactObserved'),
    email: orNull(IdentifierNumber),
    phoneNumber: orNull(IdentifierNumber),
    contact: orNull(ContactId),
    source: Type.String(),
    observedAt: Timestamp,
    idempotencyKey: Type.Optional(Type.String())
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

/** Every event that this program writes and understands. All are version 1. */
export const LedgerEvent = Type.Union([ContactObserved, ContactsMerged])
export type LedgerEvent = Static<typeof LedgerEvent>

/**
 * An event as it stands in the log. `identifiers` are those that it names, in the order of their
 * fields, with their values from the vault.
 */
export type Recorded = {
  readonly position: Position
  readonly recordedAt: Timestamp
  readonly event: LedgerEvent
  readonly identifiers: readonly Identifier[]
}

/** The version that this program writes of every event type. */
export const eventVersion = 1

/** The numbers of the identifiers that an event names. */
export function identifiersOf(event: LedgerEvent): IdentifierNumber[] {
  switch (event.type) {
    case 'ContactObserved':
      return [event.email, event.phoneNumber].filter((number) => number !== null)
    case 'ContactsMerged':
      return []
  }
}

const checks = new Map<string, TypeCheck<TSchema>>(
  LedgerEvent.anyOf.map((schema) => [schema.properties.type.const, TypeCompiler.Compile(schema)])
)

/**
 * Reads an event back from its stored parts.
 * Throws `corrupt_log` when the type or version is unknown or the data is not what the type says.
 */
export function parseEvent(
  position: Position,
  type: string,
  version: number,
  data: string
): LedgerEvent {
  const check = checks.get(type)
  if (check === undefined || version !== eventVersion) {
    throw corrupt(position, `is a ${type} of version ${version}, which this program does not know`)
  }
  const event = { type, ...parseObject(data) }
  if (!check.Check(event)) throw corrupt(position, `is no valid ${type}`)
  return event as LedgerEvent
}

function parseObject(data: string): object {
  try {
    return JSON.parse(data)
  } catch {
    return {}
  }
}

function corrupt(position: Position, what: string) {
  return new LedgerError('corrupt_log', `The event at position ${position} ${what}.`)
}
