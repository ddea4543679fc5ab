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
export const usualLimits: CommitLimits = { events: 64_000, pause: 5, patience: 4_000 }

/** When the read model is to be committed: after so many events, in a pause, or in a while. */
export type CommitSchedule = {
  /**
   * Whether it is to be committed at this opportunity. While requests wait it is no pause, however
   * long the last ones took: a slow machine would commit after each turn, and be slower for it.
   */
  due(requestsWait: boolean): boolean
  /** Counts events that are not committed yet. */
  add(events: number): void
  /** Everything is committed. Where that is not all there is to do, it is due again after the next events. */
  committed(all: boolean): void
  /** Nothing will be committed any more. */
  clear(): void
}

/** Calls `onDue` when a pause or a while has passed; asked then, it tells whether to commit. */
export function commitSchedule(limits: CommitLimits, onDue: () => void): CommitSchedule {
  const { pause, patience } = limits
  let events = 0
  /** It is due, whether or not requests wait. */
  let late = false
  /** No events came for a pause. */
  let paused = false
  /** The last commit left something to do. */
  let unfinished = false
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
  const clear = () => {
    events = 0
    late = paused = unfinished = false
    clearTimeout(inPause)
    clearTimeout(inAWhile)
    inPause = inAWhile = undefined
  }
  const wait = () => {
    paused = false
    inPause = inPause?.refresh() ?? setTimeout(onPause, pause)
    inAWhile ??= setTimeout(onLate, patience)
  }
  return {
    due: (requestsWait) => late || (paused && !requestsWait),
    add(more) {
      events += more
      if (unfinished || events >= limits.events) late = true
      wait()
    },
    committed(all) {
      clear()
      if (all) return
      unfinished = true
      wait()
    },
    clear
  }
}
