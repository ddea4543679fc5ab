import type { Position, Recorded, Timestamp } from './domain/event.ts'
import type { Ledger, Questions } from './ledger.ts'
import type { EventLog } from './log/event-log.ts'
import type { ReadingView } from './views.ts'

/** Puts a question at a moment at which the read model shows exactly what is on disk. */
export type Ask = <T>(question: () => T) => Promise<T>

/** The part of a ledger that only reads. */
export function questionsTo(
  view: ReadingView,
  log: EventLog,
  ask: Ask
): Questions & Pick<Ledger, 'history' | 'positionAt' | 'status'> {
  return {
    contact: (...asked) => ask(() => view.contact(...asked)),
    identityOf: (...asked) => ask(() => view.identityOf(...asked)),
    why: (...asked) => ask(() => view.why(...asked)),
    graph: (...asked) => ask(() => view.graph(...asked)),
    carriers: (...asked) => ask(() => view.carriers(...asked)),
    stats: () => ask(() => view.stats()),

    async history(...asked) {
      return eventsAt(log, await ask(() => view.history(...asked)))
    },
    positionAt: (time) => positionAt(log, time),
    async status() {
      return { readModel: await ask(() => view.position()), head: await log.head() }
    }
  }
}

/** The events at these positions. */
export async function eventsAt(
  log: EventLog,
  positions: readonly Position[]
): Promise<readonly Recorded[]> {
  const pages = await Promise.all(positions.map((position) => log.read(position - 1, 1)))
  return pages.flat()
}

/**
 * The last event that was recorded no later than a time; 0 when none was. A search by halves, so
 * that a clock that was set back in between costs exactness, never more than a few reads.
 */
export async function positionAt(log: EventLog, time: Timestamp): Promise<Position | 0> {
  let [before, after] = [0, (await log.head()) + 1]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    const [event] = await log.read(middle - 1, 1)
    if (event !== undefined && event.recordedAt <= time) before = middle
    else after = middle
  }
  return before
}
