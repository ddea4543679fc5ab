import { type Static, Type } from '@sinclair/typebox'
import type { Carriers } from './carriers.ts'
import type { AskedDecision, DecisionMade } from './decision.ts'
import { Identity } from './domain/answer.ts'
import type { Observation } from './domain/decide.ts'
import { ContactId, orNull, type Position, type Recorded, type Timestamp } from './domain/event.ts'
import type { Evidence } from './domain/graph.ts'
import type { Identifier } from './domain/identifier.ts'
import type { MemoryLimits } from './domain/letting-go.ts'
import type { Limits, Neighbourhood } from './domain/neighbourhood.ts'
import type { Reshaping } from './domain/reshape.ts'
import type { IdentityGraph } from './identity-graph.ts'
import type { Settlement, WorkedOut } from './settlement.ts'
import type { Stats } from './stats.ts'
import type { Why } from './why.ts'

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

/**
 * The read model as its one writer sees it: with all that was recorded, committed or not yet. The
 * log is the truth, so commits may lag behind it: what a crash takes is read from the log again.
 */
export type WritingView = {
  /** The last event that it holds, and the last contact and identifier that were numbered. */
  latest(): { readonly position: number; readonly contact: number; readonly identifier: number }
  /** Adds to a neighbourhood what is known of what these requests name and it lacks. */
  load(known: Neighbourhood, asked: readonly Observation[]): void
  /** Adds to an empty neighbourhood the large identities that it would keep when it is relieved. */
  loadLarge(known: Neighbourhood, limits: MemoryLimits): void
  /** The sharing limits as they stand. */
  limits(): Limits
  /** The evidence as it stands. */
  readonly evidence: Evidence
  /**
   * Whether rows are left to be written that a plan made. Until they are, nothing may be asked of the
   * identifiers that the plan concerns, and no question be put.
   */
  unsettled(): boolean
  /** Writes some of them, in a few ms. */
  settleMore(): void
  /** An identifier by its value; null when it was never observed. */
  identifier(value: Pick<Identifier, 'kind' | 'value'>): Identifier | null
  /** The identity that an observation of these values would stand in, were it not counted. */
  standing(values: Pick<Observation, 'email' | 'phoneNumber'>): Identity | null
  /** Whether a question may concern an identity so large that to answer it takes long. */
  isLarge(question: Question): boolean
  /** Whether any identity is so large. */
  anyLarge(): boolean
  /** Whether a decision may reshape identities so large that to work it out takes long. */
  mayReshapeLarge(asked: AskedDecision): boolean
  /** What a decision that would stand at a position makes of the rows of identities. Writes nothing. */
  settlement(reshaping: Reshaping, position: Position): Settlement
  /** Takes an event; what it comes to need not be worked out again where it is known. */
  record(event: Recorded, workedOut?: WorkedOut): void
  /**
   * Puts questions in one transaction: each statement by itself would lock the file anew. They must
   * not record; one that commits ends it, and those after it read by themselves.
   */
  inOneRead(questions: () => void): void
  /**
   * Makes all that was recorded last. False when that was so much that another commit, soon, should
   * bring it into the file: nobody is answered meanwhile, so these are two pauses instead of a long one.
   */
  commit(): boolean
  /**
   * How many bytes the write-ahead log held after the last commit or checkpoint; 0 where all of it was in
   * the file. It is written over as a whole, and not while somebody reads from it, so a part that is
   * lacking counts for all.
   */
  backlog(): number
  /** Brings them into the file as far as nobody reads. Called after a commit. */
  checkpoint(): void
  /** Undoes all that was recorded since the last commit. Never throws. */
  drop(): void
  /** Has the read model built anew at the next start. Never throws. */
  condemn(): void
}

/** A contact, and the identity that holds it now; null where nobody in it is live. */
export const ContactWithIdentity = Type.Object({
  contact: ContactRow,
  identity: orNull(Identity)
})
export type ContactWithIdentity = Static<typeof ContactWithIdentity>

/** What is asked of the read model: as it stands, or as it stood at a position. */
export type ReadingView = {
  position(): Position | 0
  /** Null when there is no such contact. */
  contact(id: ContactId, asOf?: Position | 0): ContactWithIdentity | null
  /**
   * The identity that an observation of these values would stand in; null when there is none.
   * Throws `conflict` where it would join two.
   */
  identityOf(
    values: Pick<Observation, 'email' | 'phoneNumber'>,
    asOf?: Position | 0
  ): Identity | null
  /** Throws `not_found` when an end is not known. */
  why(from: End, to: End, asOf?: Position | 0): Why
  /**
   * The positions after `after` of what happened to the identity of a contact, oldest first: its
   * observations, its merges and splits, and the decisions on them. Throws `not_found`.
   */
  history(contact: ContactId, after: Position | 0, limit: number): readonly Position[]
  /** The evidence of the identity of a contact. Throws `not_found` when nobody in it is live. */
  graph(contact: ContactId, asOf?: Position | 0): IdentityGraph
  /** An identifier by itself, and who carries it; null when it is not known. */
  carriers(value: Pick<Identifier, 'kind' | 'value'>): Carriers | null
  stats(): Stats
}

/** What requests would come to at a time. Nothing is recorded; each throws what the request would. */
export type DryRuns = {
  supposeObserved(asked: Observation, now: Timestamp): Identity
  supposeDecided(asked: AskedDecision, now: Timestamp): DecisionMade
}

/** The questions that cost what an identity costs. */
type Costly = Pick<ReadingView, 'contact' | 'identityOf' | 'why' | 'history' | 'graph'> & DryRuns

/** Such a question: its name, and what it is asked of. */
export type Question<Name extends keyof Costly = keyof Costly> = {
  readonly [One in Name]: { readonly name: One; readonly asked: Parameters<Costly[One]> }
}[Name]

/** The read model in one process: one connection that writes and reads. */
export type View = WritingView & ReadingView
