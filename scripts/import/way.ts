import type { Observation } from '../../src/domain/decide.ts'
import type { CanonicalPhone } from '../../src/domain/identifier.ts'
import type { Receipt } from '../../src/receipt.ts'

/** What became of an observation: a receipt, or why it was refused. */
export type Outcome = Receipt | { readonly refused: string }

/** The way of observations into a ledger: directly, or through the server that has it open. */
export type Way = {
  /** The canonical form of phone numbers, where it is known here. */
  readonly canonical: CanonicalPhone
  /**
   * Records observations after all that were given before; they are on disk when it resolves. Throws
   * `unavailable` when the way is cut; how much was recorded is not known then.
   */
  record(asked: readonly Observation[]): Promise<readonly Outcome[]>
  close(): Promise<void>
}
