import { setImmediate as nextTurn } from 'node:timers/promises'
import { decide, type Next, type Observation } from './domain/decide.ts'
import { LedgerError } from './domain/errors.ts'
import type { Recorded, Timestamp } from './domain/event.ts'
import type { EventLog } from './log/event-log.ts'
import type { Identity, WritingView } from './views.ts'

/** The one writer of a log. */
export type Ledger = {
  /**
   * Records a request and answers the identity that holds it; its events are on disk by then.
   * Throws `key_reused`, `overloaded` when the queue is full, `unavailable` once it has stopped.
   */
  observe(asked: Observation): Promise<Identity>
  /** Lets what is queued finish and takes nothing more. The log and the view stay open. */
  close(): Promise<void>
}

export type LedgerOptions = {
  readonly log: EventLog
  /** The read model, at the head of the log. */
  readonly view: WritingView
  readonly now: () => Timestamp
  /** A write failed, so that what is on disk is unknown: the process must end and start again. */
  readonly onFailure: (error: unknown) => void
  /** How many requests may wait; one more is refused. */
  readonly queueLimit?: number
  /** How many requests share one write at most. */
  readonly batchLimit?: number
}

type Waiting = {
  readonly asked: Observation
  readonly resolve: (identity: Identity) => void
  readonly reject: (refusal: LedgerError) => void
}

/**
 * Group commit: all requests that arrive while a batch is being written form the next one. Each is
 * decided on what those before it made of the read model; then one append makes the batch durable,
 * the read model keeps it, and all are answered.
 */
export function openLedger(options: LedgerOptions): Ledger {
  const { log, view, now, onFailure, queueLimit = 10_000, batchLimit = 1_000 } = options
  let queue: Waiting[] = []
  let writing: Promise<void> | null = null
  let stopped: LedgerError | null = null

  async function drain() {
    while (queue.length > 0) {
      const batch = queue.slice(0, batchLimit)
      queue = queue.slice(batchLimit)
      try {
        await write(batch)
      } catch (error) {
        stopped = new LedgerError('unavailable', 'The ledger stopped after a failed write.')
        for (const { reject } of [...batch, ...queue]) reject(stopped)
        queue = []
        onFailure(error)
      }
    }
    writing = null
  }

  async function write(batch: readonly Waiting[]) {
    const answers: (() => void)[] = []
    const events: Recorded[] = []
    view.begin()
    try {
      const { position: head, contact, identifier } = view.latest()
      const next = {
        position: head + 1,
        contact: contact + 1,
        identifier: identifier + 1,
        now: now()
      }
      for (const { asked, resolve, reject } of batch) {
        const outcome = decided(asked, next)
        if (outcome instanceof LedgerError) {
          answers.push(() => reject(outcome))
          continue
        }
        for (const recorded of outcome) {
          view.record(recorded)
          count(next, recorded)
          events.push(recorded)
        }
        const identity = view.answer(asked)
        answers.push(() => resolve(identity))
      }
      if (events.length > 0) await log.append(events, head)
    } catch (error) {
      view.drop()
      throw error
    }
    view.keep()
    for (const answer of answers) answer()
  }

  /** What a request adds to the log, or why it is refused; its neighbours go on either way. */
  function decided(asked: Observation, next: Next): Recorded[] | LedgerError {
    const known = view.know(asked)
    try {
      return decide(known, asked, next)
    } catch (refusal) {
      if (refusal instanceof LedgerError) return refusal
      throw refusal
    }
  }

  return {
    observe(asked) {
      if (stopped !== null) return Promise.reject(stopped)
      if (queue.length >= queueLimit) {
        return Promise.reject(
          new LedgerError('overloaded', 'More requests are waiting than can be written in time.')
        )
      }
      return new Promise((resolve, reject) => {
        queue.push({ asked, resolve, reject })
        // The requests that come in one turn of the event loop go together.
        writing ??= nextTurn().then(drain)
      })
    },

    async close() {
      stopped ??= new LedgerError('unavailable', 'The ledger is stopping.')
      await writing
    }
  }
}

/** Moves the counters past an event. */
function count(next: { -readonly [K in keyof Next]: Next[K] }, { event, identifiers }: Recorded) {
  next.position++
  if (event.type === 'ContactObserved' && event.contact !== null) next.contact++
  for (const { number } of identifiers) next.identifier = Math.max(next.identifier, number + 1)
}
