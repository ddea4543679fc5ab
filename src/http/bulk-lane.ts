/** How long who found the ledger crowded by others waits before looking again, in ms. */
const pause = 10

/** How many lines wait for the ledger at once, of all batches together. */
const mostInside = 1_000

/**
 * The way of batches to the ledger. They share a part of its queue, in turns, and keep out of a
 * crowded one, so that requests that come alone find room and soon have their turn.
 */
export type BulkLane = {
  /** Takes a place, or calls `again` once when it is worth another try. */
  enter(again: () => void): boolean
  leave(): void
  /** Calls that one no more. */
  forget(again: () => void): void
}

/** `crowded` tells whether others need the room. */
export function bulkLane(crowded: () => boolean): BulkLane {
  const waiting = new Set<() => void>()
  let inside = 0
  let waking = false

  function wakeAll() {
    waking = false
    const woken = [...waiting]
    waiting.clear()
    for (const again of woken) again()
  }

  return {
    enter(again) {
      if (inside < mostInside && !crowded()) {
        inside++
        return true
      }
      waiting.add(again)
      if (inside === 0 && !waking) {
        waking = true
        setTimeout(wakeAll, pause)
      }
      return false
    },

    leave() {
      inside--
      if (waking || waiting.size === 0) return
      waking = true
      setImmediate(wakeAll)
    },

    forget: (again) => void waiting.delete(again)
  }
}
