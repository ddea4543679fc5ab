import { admission, refuseSoon } from './admission.ts'
import { type Batch, emptyBatch, type Waiting } from './batch.ts'
import { commitSchedule, usualLimits } from './commit-schedule.ts'
import { decider } from './decider.ts'
import { LedgerError } from './domain/errors.ts'
import { openFeed } from './feed.ts'
import type { Ledger } from './ledger.ts'
import type { LedgerOptions } from './ledger-options.ts'
import { planning } from './planning.ts'
import { questionQueue } from './question-queue.ts'
import { questionsTo } from './questions.ts'
import { readerTurns } from './reader-turns.ts'

/** How many appends follow each other at once while as many requests wait as share one. */
const mostInTurn = 4

/**
 * Group commit: all requests that arrive while a batch is being written form the next one. Each is decided on
 * what those before it made of the read model; then one append makes the batch durable and all of it is
 * answered. A log that appends asynchronously has the next batch decided meanwhile. The read model, which the
 * log can always make again, is committed in larger steps and in pauses.
 */
export function openLedger<Told = never>(options: LedgerOptions<Told>): Ledger<Told> {
  const { log, view, reader, now, onFailure } = options
  const { queueLimit = 10_000, commitLimits = usualLimits } = options
  let queue: Waiting[] = []
  let batch: Batch = emptyBatch(view.latest().position)
  let appending: Promise<void> | null = null
  /** What waits for a moment at which the read model shows exactly what is on disk. */
  const questions = questionQueue(now)
  const turns = reader ? readerTurns({ reader, view, quietly: ask, commit, giveUp }) : null
  const plans = turns ? planning({ view, turns, ask, wake: pumpSoon }) : null
  const { decide, atOnce, isHeavy } = decider({ ...options, view: plans?.watched ?? view })
  const waits = () => queue.length + (plans?.waiting ?? 0)
  const room = admission({ now, limit: queueLimit, atOnce, waits })
  const askedBy = questionsTo({ view, log, turns, ask, now })
  const feed = openFeed(log, batch.head)
  /** Whether questions were asked in the last turn: then requests come first. */
  let answeredLast = false
  let pumping = false
  let failed = false
  let appendsInTurn = 0
  const schedule = commitSchedule(commitLimits, pumpSoon)
  let stopped: LedgerError | null = null

  /** Does whatever can be done now. Called after arrivals and after each append. */
  function pump() {
    pumping = false
    try {
      view.settleMore()
      const settled = !view.unsettled()
      // Questions and requests take turns: neither waits for all of the other.
      const quiet = schedule.due(queue.length > 0) || (questions.waiting && !answeredLast)
      const tookLong = !(quiet && settled) && decideQueued()
      answeredLast = false
      if (appending !== null) return
      // It is written in another turn.
      if (tookLong) return pumpSoon()
      if (batch.answers.length > 0) append()
      else if (settled) useQuiet()
    } catch (error) {
      giveUp(error)
    }
    if (appending === null && more()) pumpSoon()
  }

  const more = () => queue.length > 0 || plans?.due || questions.waiting || view.unsettled()

  function pumpSoon() {
    if (pumping || failed) return
    pumping = true
    appendsInTurn = 0
    // What comes in one turn of the event loop goes together.
    setImmediate(pump)
  }

  /** Decides what it can; tells whether that took long. */
  function decideQueued(): boolean {
    if (plans !== null) queue = plans.arrange(queue)
    if (queue.length === 0) return false
    const done = decide(batch, queue, now())
    queue = queue.slice(done)
    room.took(done, queue.length)
    return done > 0 && isHeavy(batch)
  }

  function append() {
    const written = batch
    const { events, head } = written
    const durable = events.length > 0 ? log.append(events, head) : Promise.resolve()
    batch = emptyBatch(head + events.length)
    appending = durable.then(
      () => answerAll(written),
      (error) => fail(error, written)
    )
  }

  function answerAll({ answers, events, head }: Batch) {
    appending = null
    for (const { give } of answers) give()
    // What was on its way when the read model failed stands; nothing follows it.
    if (failed) return
    if (events.length > 0) {
      schedule.add(events.length)
      feed.moved(head + events.length)
    }
    // Under overload each turn brings more to be refused than an append takes: take several.
    const another = queue.length >= atOnce && ++appendsInTurn < mostInTurn
    if (another && !pumping && !questions.waiting) pump()
    else pumpSoon()
  }

  /** The read model shows exactly what is on disk: commits it if due, and answers questions. */
  function useQuiet() {
    if (schedule.due(queue.length > 0)) commit()
    if (questions.waiting) view.inOneRead(questions.askWaiting)
    answeredLast = true
  }

  function commit() {
    schedule.committed(view.commit())
    turns?.relieve()
  }

  /** Fails where the log was not asked: it is the read model that can't be trusted any more. */
  function giveUp(error: unknown) {
    view.condemn()
    fail(error, batch)
  }

  /** Answers `unavailable` to all that waits: what is on disk is known only to the next start. */
  function fail(error: unknown, unanswered: Batch) {
    appending = null
    const refusal = new LedgerError('unavailable', 'The ledger stopped after a failed write.')
    for (const { answers } of new Set([unanswered, batch]))
      for (const { refuse } of answers) refuse(refusal)
    if (failed) return
    failed = true
    stopped = refusal
    for (const { reject } of queue) reject(refusal)
    plans?.refuse(refusal)
    batch = emptyBatch(0)
    queue = []
    questions.refuse(refusal)
    turns?.refuse(refusal)
    feed.end()
    schedule.clear()
    view.drop()
    onFailure(error)
  }

  /**
   * Asks the read model once it shows exactly what is on disk. What is asked in one turn is answered
   * together in the next: a client that sleeps is woken once for all of its answers.
   */
  function ask<T>(question: () => T | Promise<T>): Promise<T> {
    if (stopped !== null) return Promise.reject(stopped)
    pumpSoon()
    return questions.add(question)
  }

  function enqueue(waiting: Waiting) {
    if (stopped !== null) return waiting.reject(stopped)
    if (!room.admits(queue.length)) return refuseSoon(waiting.reject)
    if (plans !== null && waiting.kind === 'decide') plans.add(waiting)
    else queue.push(waiting)
    pumpSoon()
  }

  return {
    observe: (asked) =>
      new Promise((resolve, reject) => enqueue({ kind: 'observe', asked, resolve, reject })),
    record: (asked) =>
      new Promise((resolve, reject) => enqueue({ kind: 'record', asked, resolve, reject })),
    decide: (decision) =>
      new Promise((resolve, reject) => enqueue({ kind: 'decide', decision, resolve, reject })),
    waiting: waits,
    crowded: () => !room.admits(queue.length * 2),
    full: () => !room.admits(queue.length),
    ...askedBy(() => false),
    unless: askedBy,
    async events(after, limit) {
      if (stopped !== null) throw stopped
      return log.read(after, limit)
    },
    follow: feed.follow,
    async close() {
      stopped ??= new LedgerError('unavailable', 'The ledger is stopping.')
      turns?.refuse(stopped)
      plans?.stop(stopped)
      while (!failed && (waits() + batch.answers.length > 0 || questions.waiting || appending)) {
        pumpSoon()
        await (appending ?? new Promise((turn) => setImmediate(turn)))
      }
      feed.end()
      schedule.clear()
      if (!failed) view.commit()
    }
  }
}
