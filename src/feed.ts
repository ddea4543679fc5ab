import type { Position, Recorded } from './domain/event.ts'
import type { EventLog } from './log/event-log.ts'

/** How many events a reader is handed at once, and so how many it ever holds. */
const pageSize = 250

/** How long readers at the head are let be after news, in ms: what comes meanwhile goes together. */
const rest = 20

/**
 * Tells those who follow the log that there is more of it. It queues no events: each reader reads
 * the log itself, at its own pace, so that a slow one costs nothing and misses nothing.
 */
export type Feed = {
  /** Says that all up to this position is on disk. */
  moved(to: Position): void
  /** Ends all readers, and each that comes later. */
  end(): void
  /** Every event after a position, a page at a time, and then those to come, until `signal`. */
  follow(after: Position | 0, signal: AbortSignal): AsyncGenerator<readonly Recorded[], void>
}

/** A feed of a log whose last event on disk is at `head`. */
export function openFeed(log: EventLog, head: Position | 0): Feed {
  let announced = head
  let resting = false
  let ended = false
  /** The last page read, for readers that stand at one place. */
  let shared: { after: Position | 0; page: readonly Recorded[] } | null = null
  const waiting = new Set<() => void>()

  function wakeAll() {
    for (const wake of waiting) wake()
  }

  /** Wakes readers for what is new, and again after a rest until there is nothing new. */
  function announce() {
    resting = announced !== head
    if (!resting) return
    announced = head
    wakeAll()
    setTimeout(announce, rest)
  }

  async function read(after: Position | 0) {
    if (shared?.after === after) return shared.page
    const page = await log.read(after, pageSize)
    shared = { after, page }
    return page
  }

  /** Resolves with the next news, or once a reader's end has come. */
  function news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }

  return {
    moved(to) {
      head = to
      if (!resting) announce()
    },

    end() {
      ended = true
      wakeAll()
    },

    async *follow(after, signal) {
      for (let at = after; ; ) {
        while (at >= announced && !ended && !signal.aborted) await news(signal)
        // A reader that catches up takes turns with the writer and with all others.
        await new Promise((turn) => setImmediate(turn))
        if (ended || signal.aborted) return
        const page = await read(at)
        at = page.at(-1)?.position ?? at
        yield page
      }
    }
  }
}
