import type Database from 'better-sqlite3'
import type { ContactObserved, Decision, Recorded } from '../src/domain/event.ts'
import type { WorkedOut } from '../src/settlement.ts'

/**
 * A read model: tables of its own in `contacts.db`, and how each event changes them. It hears every
 * event of the log exactly once, in order, inside a transaction that is not its own.
 */
export type Projection<Opened extends Hears = Hears> = {
  readonly name: string
  /** Raised with every change of the tables or of their meaning: an older file is rebuilt. */
  readonly version: number
  /** DDL of its tables, indexes and views. */
  readonly schema: string
  open(db: Database.Database): Opened
}

/** A projection at work on an open database. What an event comes to may be worked out already. */
export type Hears = {
  hear(event: Recorded, known?: WorkedOut): void
  /** Writes what it holds in memory, so that its tables show all that it heard. */
  flush?(): void
  /** Forgets what it holds in memory, of a transaction that was rolled back. */
  forget?(): void
}

/** Whether an event tells of identifiers that were seen together. */
export function isObservation(recorded: Recorded): recorded is Recorded<ContactObserved> {
  return recorded.event.type === 'ContactObserved'
}

/** Whether an event is what an operator decided. */
export function isDecision(recorded: Recorded): recorded is Recorded<Decision> {
  return 'actor' in recorded.event
}
