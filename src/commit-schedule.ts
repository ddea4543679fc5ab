/** How long the read model waits before it is committed. */
export type CommitLimits = {
  /** For how many events. */
  readonly events: number
  /** For more events to come, in ms. */
  readonly pause: number
  /** At most while they keep coming, in ms. */
  readonly patience: number
}

/** As long as a read model may lag that is read beside its writer. */
export const usualLimits: CommitLimits = { events: 16_000, pause: 5, patience: 1_000 }

/** When the read model is to be committed: after so many events, in a pause, or in a while. */
export type CommitSchedule = {
  /** Whether it is to be committed at the next opportunity. */
  readonly due: boolean
  /** Counts events that are not committed yet. */
  add(events: number): void
  /** Everything is committed, or nothing will be any more. */
  clear(): void
}

/** Calls `onDue` when a pause or a while has passed. */
export function commitSchedule(limits: CommitLimits, onDue: () => void): CommitSchedule {
  const { pause, patience } = limits
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
      if (events >= limits.events) due = true
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
