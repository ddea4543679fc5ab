import { type Batch, type BatchLimits, decideInto, emptyBatch, type Waiting } from './batch.ts'
import type { Identity } from './domain/answer.ts'
import type { Observation } from './domain/decide.ts'
import { LedgerError } from './domain/errors.ts'
import type { ContactId, Position, Recorded, Timestamp } from './domain/event.ts'
import type { Identifier } from './domain/identifier.ts'
import { emptyNeighbourhood } from './domain/neighbourhood.ts'
import type { EventLog } from './log/event-log.ts'
import type { ContactWithIdentity, End, View, Why } from './views.ts'

/** How far a ledger has come: the positions of its log and of its read model. */
export type Status = { readonly head: Position | 0; readonly readModel: Position | 0 }

/**
 * A ledger at work. What it tells shows all that it answered before, and nothing that is not on
 * disk. Everything throws `unavailable` once a write has failed.
 */
export type Ledger = {
  /**
   * Records a request and answers the identity that holds it; its events are on disk by then.
   * Throws `key_reused`, `overloaded` when the queue is full, `unavailable` once it has stopped.
   */
  observe(asked: Observation): Promise<Identity>
  /** A contact and its identity now; null when there is no such contact. */
  contact(id: ContactId): Promise<ContactWithIdentity | null>
  /** The identity that lists a value; null when it is not known. */
  identityOf(value: Pick<Identifier, 'kind' | 'value'>): Promise<Identity | null>
  /** Why two ends are one person. Throws `not_found` when an end is not known. */
  why(from: End, to: End): Promise<Why>
  /** The next events after a position. Throws `corrupt_log`. */
  events(after: Position | 0, limit: number): Promise<readonly Recorded[]>
  /** The last position in the log, and in the read model. */
  status(): Promise<Status>
  /** Lets what is queued finish, keeps it, and takes nothing more. Log and view stay open. */
  close(): Promise<void>
}

export type LedgerOptions = {
  readonly log: EventLog
  /** The read model, at the head of the log. */
  readonly view: View
  readonly now: () => Timestamp
  /** A write failed, so that what is on disk is unknown: the process must end and start again. */
  readonly onFailure: (error: unknown) => void
  /** How many requests may wait; one more is refused. */
  readonly queueLimit?: number
  readonly batchLimits?: BatchLimits
  /** How many events the read model may hold before it keeps them. */
  readonly keepLimit?: number
}

/** How many contacts and values are held in memory before all are let go. */
const neighbourhoodLimit = 500_000

/** How long the read model waits for more before it keeps what it holds, in ms. */
const keepAfter = 5

/**
 * Group commit: all requests that arrive while a batch is being written form the next one. Each is
 * decided on what those before it made of the read model; then one append makes the batch durable
 * and all of it is answered. While one batch is on its way to the disk the next is being decided.
 * The read model, which the log can always make again, is kept in larger steps and in pauses.
 */
export function openLedger(options: LedgerOptions): Ledger {
  const { log, view, now, onFailure } = options
  const { queueLimit = 10_000, keepLimit = 16_000 } = options
  const { batchLimits = { requests: 1_000, weight: 100_000 } } = options
  let queue: Waiting[] = []
  let known = emptyNeighbourhood()
  let batch: Batch = emptyBatch(view.latest().position)
  let appending: Promise<void> | null = null
  /** What waits for a moment at which the read model shows exactly what is on disk. */
  const questions: (() => void)[] = []
  let pumping = false
  let unkept = 0
  let keepDue = false
  let pause: NodeJS.Timeout | undefined
  let stopped: LedgerError | null = null
  let failed = false

  /** Does whatever can be done now. Called after arrivals and after each append. */
  function pump() {
    pumping = false
    try {
      if (questions.length === 0 && !keepDue) decideQueued()
      if (appending !== null) return
      if (batch.answers.length > 0) append()
      else settle()
    } catch (error) {
      fail(error, batch)
    }
    if (appending === null && queue.length > 0) pumpSoon()
  }

  function pumpSoon() {
    if (pumping || failed) return
    pumping = true
    // What comes in one turn of the event loop goes together.
    setImmediate(pump)
  }

  function decideQueued() {
    if (queue.length === 0) return
    if (known.size > neighbourhoodLimit) known = emptyNeighbourhood()
    queue = queue.slice(decideInto(batch, queue, view, known, now(), batchLimits))
  }

  function append() {
    const written = batch
    batch = emptyBatch(written.head + written.events.length)
    const durable =
      written.events.length > 0 ? log.append(written.events, written.head) : Promise.resolve()
    appending = durable.then(
      () => answerAll(written),
      (error) => fail(error, written)
    )
  }

  function answerAll({ answers, events }: Batch) {
    appending = null
    for (const { give } of answers) give()
    unkept += events.length
    if (unkept >= keepLimit) keepDue = true
    else if (unkept > 0) pause = pause?.refresh() ?? setTimeout(keepSoon, keepAfter)
    pumpSoon()
  }

  function keepSoon() {
    keepDue = true
    pumpSoon()
  }

  /** The read model shows exactly what is on disk: keeps it if that is due, and answers questions. */
  function settle() {
    if (keepDue) keep()
    for (const ask of questions.splice(0)) ask()
  }

  function keep() {
    view.keep()
    unkept = 0
    keepDue = false
  }

  /** Answers `unavailable` to all that waits: what is on disk is known only to the next start. */
  function fail(error: unknown, unanswered: Batch) {
    failed = true
    appending = null
    const refusal = new LedgerError('unavailable', 'The ledger stopped after a failed write.')
    stopped = refusal
    view.drop()
    const decided = unanswered === batch ? [batch] : [unanswered, batch]
    for (const { refuse } of decided.flatMap(({ answers }) => answers)) refuse(refusal)
    for (const { reject } of queue) reject(refusal)
    batch = emptyBatch(0)
    queue = []
    for (const ask of questions.splice(0)) ask()
    onFailure(error)
  }

  /** Asks the read model at a moment at which it shows exactly what is on disk. */
  function ask<T>(question: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const put = () => {
        try {
          if (failed) throw stopped
          resolve(question())
        } catch (error) {
          reject(error)
        }
      }
      if (appending === null && batch.answers.length === 0) return put()
      questions.push(put)
      pumpSoon()
    })
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
        pumpSoon()
      })
    },

    contact: (id) => ask(() => view.contact(id)),
    identityOf: (value) => ask(() => view.identityOf(value)),
    why: (from, to) => ask(() => view.why(from, to)),
    events: (after, limit) => log.read(after, limit),
    status: async () => ({ head: await log.head(), readModel: await ask(() => view.position()) }),

    async close() {
      stopped ??= new LedgerError('unavailable', 'The ledger is stopping.')
      clearTimeout(pause)
      while (!failed && (queue.length > 0 || batch.answers.length > 0 || appending !== null)) {
        await ask(() => {})
      }
      if (!failed) keep()
    }
  }
}
