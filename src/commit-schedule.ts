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
export const usualLimits: CommitLimits = { events: 32_000, pause: 5, patience: 2_000 }

/** When the read model is to be committed: after so many events, in a pause, or in a while. */
export type CommitSchedule = {
  /**
   * Whether it is to be committed at this opportunity. While requests wait it is no pause, however
   * long the last ones took: a slow machine would commit after each turn, and be slower for it.
   */
  due(requestsWait: boolean): boolean
  /** Counts events that are not committed yet. */
  add(events: number): void
  /** Everything is committed, or nothing will be any more. */
  clear(): void
}

/** Calls `onDue` when a pause or a while has passed; asked then, it tells whether to commit. */
export function commitSchedule(limits: CommitLimits, onDue: () => void): CommitSchedule {
  const { pause, patience } = limits
  let events = 0
  let [late, paused] = [false, false]
  let inPause: NodeJS.Timeout | undefined
  let inAWhile: NodeJS.Timeout | undefined
  const onPause = () => {
    paused = true
    onDue()
  }
  const onLate = () => {
    late = true
    onDue()
  }
  return {
    due: (requestsWait) => late || (paused && !requestsWait),
    add(more) {
      events += more
      if (events >= limits.events) late = true
      paused = false
      inPause = inPause?.refresh() ?? setTimeout(onPause, pause)
      inAWhile ??= setTimeout(onLate, patience)
    },
    clear() {
      events = 0
      late = paused = false
      clearTimeout(inPause)
      clearTimeout(inAWhile)
      inPause = inAWhile = undefined
    }
  }
}
