/** How long the read model waits for more events before it is committed, in ms. */
const pause = 5

/** How long it waits at most while they keep coming, in ms. */
const patience = 1_000

/** When the read model is to be committed: after so many events, in a pause, or in a while. */
export type CommitSchedule = {
  /** Whether it is to be committed at the next opportunity. */
  readonly due: boolean
  /** Counts events that are not committed yet. */
  add(events: number): void
  /** Everything is committed, or nothing will be any more. */
  clear(): void
}

/** Calls `onDue` when a pause or a while has passed; `limit` is in events. */
export function commitSchedule(limit: number, onDue: () => void): CommitSchedule {
  let events = 0
  let due = false
  let inPause: NodeJS.Timeout | undefined
  let inAWhile: NodeJS.Timeout | undefined
  const now = () => {
    due = true
    onDue()
  }
  return {
    get due() {
      return due
    },
    add(more) {
      events += more
      if (events >= limit) due = true
      inPause = inPause?.refresh() ?? setTimeout(now, pause)
      inAWhile ??= setTimeout(now, patience)
    },
    clear() {
      events = 0
      due = false
      clearTimeout(inPause)
      clearTimeout(inAWhile)
      inPause = inAWhile = undefined
    }
  }
}
