import type { BatchLimits } from './batch.ts'
import type { CommitLimits } from './commit-schedule.ts'
import type { Timestamp } from './domain/event.ts'
import type { MemoryLimits } from './domain/letting-go.ts'
import type { EventLog } from './log/event-log.ts'
import type { Reader } from './reader.ts'
import type { View } from './views.ts'

/** What a ledger is opened with; `Told` is what a reader makes of its answers. */
export type LedgerOptions<Told = never> = {
  readonly log: EventLog
  /** The read model, at the head of the log. */
  readonly view: View
  /** Who answers questions about large identities; without one they are answered here. */
  readonly reader?: Reader<Told>
  readonly now: () => Timestamp
  /** It can't go on, and what is on disk is unknown: the process must end and start again. */
  readonly onFailure: (error: unknown) => void
  /** How many requests may wait at most; one more is refused, as is one that would wait too long. */
  readonly queueLimit?: number
  readonly batchLimits?: BatchLimits
  /** How long the read model may lag behind the log on disk. */
  readonly commitLimits?: CommitLimits
  readonly memoryLimits?: MemoryLimits
  /**
   * Whether the largest identities are loaded before anybody asks, for a ledger that stays open. What
   * that throws is thrown by whoever opens the ledger.
   */
  readonly preload?: boolean
}
