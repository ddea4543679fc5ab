import { setImmediate as turn } from 'node:timers/promises'
import type { Position, Recorded } from '../domain/event.ts'
import { type EventFilter, passes } from '../event-filter.ts'
import type { Ledger } from '../ledger.ts'

/** How many events are read for one page at most, however few of them are wanted. */
const mostScanned = 10_000

/** How many are read at once while looking for those that are wanted. */
const readSize = 500

/**
 * The next events after a position that a filter lets through, at most `limit`; `next` is the
 * position up to which the log was searched, null at its head.
 */
export async function eventPage(
  ledger: Pick<Ledger, 'events'>,
  after: Position | 0,
  limit: number,
  filter: EventFilter
): Promise<{ found: Recorded[]; next: Position | null }> {
  const found: Recorded[] = []
  const size = filter.types === null && filter.contact === null ? limit + 1 : readSize
  for (let at = after; ; await turn()) {
    const page = await ledger.events(at, size)
    for (const recorded of page) {
      if (found.length === limit || at - after === mostScanned) return { found, next: at }
      if (passes(filter, recorded.event)) found.push(recorded)
      at = recorded.position
    }
    if (page.length < size) return { found, next: null }
  }
}
