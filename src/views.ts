import { type Static, type TSchema, Type } from '@sinclair/typebox'
import type { Knowledge, Observation } from './domain/decide.ts'
import { ContactId, type Position, type Recorded } from './domain/event.ts'
import type { Moment, Step } from './domain/explain.ts'
import type { Identifier } from './domain/identifier.ts'

const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** An identity as `/identify` answers it: its values and ids by the age of their contacts. */
export const Identity = Type.Object({
  primaryContactId: ContactId,
  emails: Type.Array(Type.String()),
  phoneNumbers: Type.Array(Type.String()),
  secondaryContactIds: Type.Array(ContactId)
})
export type Identity = Static<typeof Identity>

/** A contact as the statement's table has it. Times are ISO 8601 in UTC. */
export const ContactRow = Type.Object({
  id: ContactId,
  phoneNumber: orNull(Type.String()),
  email: orNull(Type.String()),
  linkedId: orNull(ContactId),
  linkPrecedence: Type.Union([Type.Literal('primary'), Type.Literal('secondary')]),
  createdAt: Type.String(),
  updatedAt: Type.String(),
  deletedAt: orNull(Type.String())
})
export type ContactRow = Static<typeof ContactRow>

/** One end of a question: a contact, or an identifier by its normalised value. */
export type End = { readonly contact: ContactId } | Pick<Identifier, 'kind' | 'value'>

/** Why two ends are one person. `joinedBy` is null when both are one and the same identifier. */
export type Why = {
  readonly connected: boolean
  /** The identifiers that the chain was sought between: an identifier itself, a contact's home. */
  readonly between: readonly [Identifier, Identifier]
  readonly chain: readonly Step[]
  readonly joinedBy: Joining | null
}

/**
 * What first joined two identifiers: the merge of their identities, or else the observation that
 * brought the younger one. `observation` is the position of the observation that caused it.
 */
export type Joining = Moment & {
  readonly type: 'ContactsMerged' | 'ContactObserved'
  readonly observation: Position
}

/**
 * The read model as its one writer sees it: what it has recorded but not yet kept included.
 * `record` and `answer` between `begin` and `keep` (or `drop`), which make them last (or undone).
 */
export type WritingView = {
  /** The last event that it holds, and the last contact and identifier that were numbered. */
  latest(): { readonly position: number; readonly contact: number; readonly identifier: number }
  begin(): void
  know(asked: Observation): Knowledge
  record(event: Recorded): void
  /** The identity that holds a request's values now. */
  answer(asked: Observation): Identity
  keep(): void
  drop(): void
}

/** The read model as everybody else sees it: only what is on disk. */
export type ReadingView = {
  position(): Position | 0
  contact(id: ContactId): { readonly contact: ContactRow; readonly identity: Identity } | null
  /** The identity that lists a value; null when it is not known. */
  identityOf(value: Pick<Identifier, 'kind' | 'value'>): Identity | null
  /** Throws `not_found` when an end is not known. */
  why(from: End, to: End): Why
}
