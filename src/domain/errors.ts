/**
 * The few ways in which the ledger says no. Anything else that is thrown is a bug.
 *
 * - `invalid`: the request is malformed; `problems` says where.
 * - `not_found`: nothing known by that name.
 * - `conflict`: what was asked contradicts what is known, or the log's head has moved.
 * - `key_reused`: an idempotency key came back with another body.
 * - `overloaded`: the queue is full; try again.
 * - `unavailable`: starting, stopping, or stopped after a failed write.
 * - `cannot_open`: the ledger's files can't be opened, locked or understood.
 * - `corrupt_log`: an event can't be read back as what it should be.
 */
export type LedgerErrorCode =
  | 'invalid'
  | 'not_found'
  | 'conflict'
  | 'key_reused'
  | 'overloaded'
  | 'unavailable'
  | 'cannot_open'
  | 'corrupt_log'

/** One thing that is wrong, and where: a JSON pointer into a request such as `/email`, or a setting's name. */
export type Problem = { readonly path: string; readonly message: string }

/** A refusal that is meant for the caller: its message is safe and clear enough to be shown. */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode
  readonly problems: readonly Problem[]

  constructor(code: LedgerErrorCode, message: string, problems: readonly Problem[] = []) {
    super(message)
    this.name = 'LedgerError'
    this.code = code
    this.problems = problems
  }
}
