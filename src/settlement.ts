import type { Outcome, Position } from './domain/event.ts'
import type { Reshaping } from './domain/reshape.ts'

/**
 * What an event makes of the rows of the identities that it concerns. It names neither the position nor
 * the time of the event, so it stands wherever in the log the event comes, as long as nothing else
 * happened to these identities.
 */
export type Settlement = {
  /** What it comes to; the cause is to be set. */
  readonly outcomes: readonly Outcome[]
  /**
   * The identifiers of those identities that may not stand where they stood. From a thread an array of
   * doubles comes in a hundredth of the time that a list of numbers takes.
   */
  readonly identifiers: Float64Array
  readonly rows: SettledRows
}

/** The rows that are not as they were, in the order of their keys, thousands in a JSON text. */
export type SettledRows = {
  /** `[identifier, able]` */
  readonly abilities: readonly string[]
  /** `[node]`, of nodes that are no tree any more */
  readonly felled: readonly string[]
  /** `[node, parent, joined, joinedAt, rank, oldest, hides]`; what the event itself joined, at 0. */
  readonly trees: readonly string[]
  /** `[identifier, node, plain]` */
  readonly places: readonly string[]
  /** `[contact, node, hidden]` */
  readonly moves: readonly string[]
  /**
   * `[contact, updatedAt, live]`; null where that is the time of the event, though no contact is updated
   * before it was created.
   */
  readonly settled: readonly string[]
  /** `[primary, before, after]`: how many live contacts an identity had and has; null where it was or is none. */
  readonly sizes: readonly string[]
}

/** What is worked out of an event before it is recorded: the identities, or also their rows. */
export type WorkedOut = Reshaping | Settlement

/** What events by one cause come to, once that has its position. */
export function causedBy(cause: Position, outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.map((outcome) => ({ ...outcome, cause }))
}
