import type { Identity } from './domain/answer.ts'
import type { Observation } from './domain/decide.ts'
import type { ContactId, Position, Recorded } from './domain/event.ts'
import type { Identifier } from './domain/identifier.ts'
import type { ContactWithIdentity, End, Why } from './views.ts'

/** How far a ledger has come, in positions. */
export type Status = { readonly head: Position | 0; readonly readModel: Position | 0 }

/**
 * A ledger at work. What it tells shows all that it answered before, and nothing that is not on
 * disk. Everything throws `unavailable` once a write has failed.
 */
export type Ledger = {
  /**
   * Records a request and answers the identity that holds it; its events are on disk by then.
   * Throws `key_reused`, `overloaded` when the queue is full, `unavailable` once it has stopped.
   */
  observe(asked: Observation): Promise<Identity>
  /** A contact and its identity now; null when there is no such contact. */
  contact(id: ContactId): Promise<ContactWithIdentity | null>
  /** The identity that lists a value; null when it is not known. */
  identityOf(value: Pick<Identifier, 'kind' | 'value'>): Promise<Identity | null>
  /** Why two ends are one person. Throws `not_found` when an end is not known. */
  why(from: End, to: End): Promise<Why>
  /** The next events after a position. Throws `corrupt_log`. */
  events(after: Position | 0, limit: number): Promise<readonly Recorded[]>
  /** The last position in the log, and in the read model. */
  status(): Promise<Status>
  /** Lets what is queued finish, commits it, and takes nothing more. Log and view stay open. */
  close(): Promise<void>
}
