import { LedgerError } from '../domain/errors.ts'
import type { Position, Recorded } from '../domain/event.ts'

/** Events that are appended together or not at all, at contiguous positions. */
export type Batch = readonly Recorded[]

/** How many events a reader asks for at once when it wants them all. */
const pageSize = 2_000

/**
 * The truth: an ordered list of events that only grows, and the vault of the values that they name.
 * Everything that an adapter must promise stands here; `test/log/contract.ts` holds it to it.
 */
export type EventLog = {
  /** Tells this log from every other, for as long as it exists. */
  readonly id: string

  /**
   * Appends all or nothing, and the values of identifiers that the vault lacks. Durable when it
   * resolves. Throws `conflict` when the log's head is not `expectedHead`, or when the batch does
   * not continue it without a gap. After any other error the outcome is unknown: close and reopen.
   */
  append(batch: Batch, expectedHead: Position | 0): Promise<void>

  /**
   * The next `limit` events after a position, oldest first; fewer only at the head.
   * Throws `corrupt_log` at an event that can't be read back, or where one is missing.
   */
  read(after: Position | 0, limit: number): Promise<readonly Recorded[]>

  /** The position of the last event; 0 when there is none. */
  head(): Promise<Position | 0>

  close(): Promise<void>
}

/**
 * Throws `conflict` unless a batch continues a log of this head as its sender expected, without a gap.
 */
export function mustContinue(batch: Batch, expectedHead: Position | 0, head: Position | 0) {
  const continues = batch.every(({ position }, nth) => position === expectedHead + 1 + nth)
  if (head === expectedHead && continues) return
  throw new LedgerError('conflict', `The log's head is ${head}; the batch does not continue it.`)
}

/** Every event after a position up to another, a page at a time. */
export async function* pages(
  log: EventLog,
  after: Position | 0,
  upTo: Position | 0
): AsyncGenerator<readonly Recorded[]> {
  for (let at = after; at < upTo; ) {
    const page = await log.read(at, Math.min(pageSize, upTo - at))
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    at = last.position
  }
}
