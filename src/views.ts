import { type Static, Type } from '@sinclair/typebox'
import { Identity } from './domain/answer.ts'
import type { Observation } from './domain/decide.ts'
import { ContactId, orNull, type Position, type Recorded } from './domain/event.ts'
import type { Moment, Step } from './domain/explain.ts'
import type { Identifier } from './domain/identifier.ts'
import type { Neighbourhood } from './domain/neighbourhood.ts'

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
 * The read model as its one writer sees it: with all that was recorded, committed or not yet. The
 * log is the truth, so commits may lag behind it: what a crash takes is read from the log again.
 */
export type WritingView = {
  /** The last event that it holds, and the last contact and identifier that were numbered. */
  latest(): { readonly position: number; readonly contact: number; readonly identifier: number }
  /** Adds to a neighbourhood what is known of what these requests name and it lacks. */
  load(known: Neighbourhood, asked: readonly Observation[]): void
  record(event: Recorded): void
  /** Makes all that was recorded last. */
  commit(): void
  /** Undoes all that was recorded since the last commit. Never throws. */
  drop(): void
  /** Has the read model built anew at the next start. Never throws. */
  condemn(): void
}

/** A contact, and the identity that holds it now. */
export const ContactWithIdentity = Type.Object({ contact: ContactRow, identity: Identity })
export type ContactWithIdentity = Static<typeof ContactWithIdentity>

/** What is asked of the read model. */
export type ReadingView = {
  position(): Position | 0
  contact(id: ContactId): ContactWithIdentity | null
  /** The identity that lists a value; null when it is not known. */
  identityOf(value: Pick<Identifier, 'kind' | 'value'>): Identity | null
  /** Throws `not_found` when an end is not known. */
  why(from: End, to: End): Why
}

/** The read model in one process: one connection that writes and reads. */
export type View = WritingView & ReadingView
