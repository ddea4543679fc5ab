import { LedgerError } from './domain/errors.ts'
import type { Timestamp } from './domain/event.ts'

/** Whether there is room for one more request. */
export type Admission = {
  /** Whether one more, behind so many that wait for their turn, will have its own in good time. */
  admits(waiting: number): boolean
  /** So many had their turn, which left so many waiting. */
  took(requests: number, waiting: number): void
}

export type AdmissionOptions = {
  readonly now: () => Timestamp
  /** How many may wait at most, for whatever reason. */
  readonly limit: number
  /** How many wait, for their turn or for a plan, which tells nothing of the pace. */
  waits(): number
  /** How many may always wait: those that have their turn together. */
  readonly atOnce: number
  /** How long one may have to wait for its turn, in ms. */
  readonly patience?: number
}

/** Over how long the pace is taken, in ms. */
const span = 1_000

/**
 * Lets as many requests wait as will have their turn in time, at the pace at which the last ones had
 * theirs: a fixed number is a short wait on one machine and a long one on another. The pace is known
 * only while some are left waiting after every turn, which is when it is asked for.
 */
export function admission(options: AdmissionOptions): Admission {
  const { now, limit, waits, atOnce, patience = 1_000 } = options
  let since: Timestamp | null = null
  let done = 0
  let most = limit
  return {
    admits: (waiting) => waits() < limit && waiting < most,

    took(requests, waiting) {
      if (waiting === 0) {
        since = null
        most = limit
        return
      }
      const at = now()
      if (since === null) {
        since = at
        done = 0
        return
      }
      done += requests
      const passed = at - since
      if (passed <= 0) return
      most = Math.min(limit, Math.max(atOnce, Math.floor((patience * done) / passed)))
      if (passed < span) return
      since = at - passed / 2
      done /= 2
    }
  }
}

const refusal = new LedgerError('overloaded', 'Too many requests are waiting.')

/**
 * Refuses one that found no room, but not in this turn of the event loop: clients that come again at
 * once would keep the turn from ending, and so those that were admitted from having theirs.
 */
export function refuseSoon(reject: (refusal: LedgerError) => void) {
  setImmediate(reject, refusal)
}
