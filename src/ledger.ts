import type { AskedDecision, DecisionMade } from './decision.ts'
import type { Identity } from './domain/answer.ts'
import type { Observation } from './domain/decide.ts'
import type { ContactId, Position, Recorded, Timestamp } from './domain/event.ts'
import type { Receipt } from './receipt.ts'
import type { ReadingView } from './views.ts'

/** How far a ledger has come, in positions. */
export type Status = { readonly head: Position | 0; readonly readModel: Position | 0 }

/** What is asked of a read model, answered at a moment at which it shows exactly what is on disk. */
type Asked<Question, Told> = Question extends (...ends: infer Ends) => infer Answer
  ? (...ends: Ends) => Promise<Answer | Told>
  : never

/**
 * The questions to a ledger. Those that it passes on to its read model are explained there; of a large
 * identity the answer may come as a reader told it, and `overloaded` is thrown where too many wait, or
 * where to answer would hold up too much.
 */
export type Questions<Told = never> = {
  readonly [Name in 'contact' | 'identityOf' | 'why' | 'graph']: Asked<ReadingView[Name], Told>
} & { readonly [Name in 'carriers' | 'stats']: Asked<ReadingView[Name], never> } & {
  /** What `observe` would answer. Records nothing; throws what it throws. */
  supposeObserved(asked: Observation): Promise<Identity | Told>
  /** What `decide` would answer. Records nothing; throws what it throws. */
  supposeDecided(asked: AskedDecision): Promise<DecisionMade | Told>
  /** The next events of the identity of a contact. Throws `not_found`, `corrupt_log`. */
  history(contact: ContactId, after: Position | 0, limit: number): Promise<readonly Recorded[]>
  /** The last event that was recorded no later than a time, by the clock of then; 0 when none was. */
  positionAt(time: Timestamp): Promise<Position | 0>
  /** The last position in the log, and in the read model. */
  status(): Promise<Status>
}

/**
 * A ledger at work. What it tells shows all that it answered before, and nothing that is not on
 * disk. Everything throws `unavailable` once a write has failed.
 */
export type Ledger<Told = never> = Questions<Told> & {
  /** The same questions of somebody who may go: what still waits for a reader then is not answered. */
  unless(gone: () => boolean): Questions<Told>
  /**
   * Records a request and answers the identity that holds it; its events are on disk by then.
   * Throws `key_reused`; `conflict` when what its key recorded was taken back; `overloaded` when the
   * queue is full; `unavailable` once it has stopped.
   */
  observe(asked: Observation): Promise<Identity>
  /** Records a request and answers what that came to; else as `observe`, and cheaper. */
  record(asked: Observation): Promise<Receipt>
  /** How many requests wait to be decided. */
  waiting(): number
  /** Whether so many requests wait that who can come later should. */
  crowded(): boolean
  /** Whether one more request would be refused. */
  full(): boolean
  /**
   * Records an operator's decision and tells what it changed. Deciding what holds already is fine. One on
   * a large identity may be worked out by a reader: others are answered meanwhile.
   * Throws `not_found` when it is about something unknown, `invalid`, `overloaded`, `unavailable`.
   */
  decide(asked: AskedDecision): Promise<DecisionMade | Told>
  /** The next events after a position. Throws `corrupt_log`. */
  events(after: Position | 0, limit: number): Promise<readonly Recorded[]>
  /**
   * Every event after a position, a page at a time, and then each as it comes to be on disk. Ends
   * when `signal` aborts, and with the ledger. Throws `corrupt_log`.
   */
  follow(after: Position | 0, signal: AbortSignal): AsyncIterable<readonly Recorded[]>
  /**
   * Lets what is queued finish, commits it, and takes nothing more; what waits for a reader is refused.
   * Log and view stay open.
   */
  close(): Promise<void>
}
