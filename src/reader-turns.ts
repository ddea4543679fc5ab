import { LedgerError } from './domain/errors.ts'
import type { Reader } from './reader.ts'
import type { Question, WritingView } from './views.ts'

/** How much may wait beside the read model's file before readers begin one by one, in bytes. */
const crowded = 256 * 1_024 * 1_024

/** By how much it may grow during one turn before that is cut short, in bytes. */
const tooMuch = 768 * 1_024 * 1_024

/** In each lane one question is answered at a time, beside those of the others. */
export type Lane = 'questions' | 'dryRuns' | 'plans'

/** Dry runs may take many seconds, and hold up nobody but each other. */
export function laneOf({ name }: Question): Exclude<Lane, 'plans'> {
  return name === 'supposeObserved' || name === 'supposeDecided' ? 'dryRuns' : 'questions'
}

/** Has a reader asked, in the order in which they came, by all who wait for it. */
export type ReaderTurns<Told> = {
  /**
   * Takes a place, in a quiet moment; in another one the reader is asked, unless `gone` says that
   * nobody waits any more. Throws `overloaded` where too many wait, and what the reader throws.
   */
  ask<T>(
    lane: Lane,
    question: (reader: Reader<Told>) => Promise<T>,
    gone: () => boolean
  ): Promise<T>
  /** Cuts short who reads for so long that too much waits beside the file. Called after commits. */
  relieve(): void
  /** Refuses all who wait. */
  refuse(refusal: LedgerError): void
}

export type ReaderTurnsOptions<Told> = {
  readonly reader: Reader<Told>
  readonly view: Pick<WritingView, 'backlog' | 'checkpoint'>
  /**
   * Calls in a quiet moment: the read model shows exactly what is on disk. Rejects once there is none
   * any more.
   */
  quietly(step: () => void): Promise<void>
  /** Commits the read model: the reader sees only what was committed. */
  commit(): void
  /** Called where that fails; refuses all who wait. */
  giveUp(error: unknown): void
}

type Waiting = {
  readonly came: number
  ask(): Promise<void>
  gone(): boolean
  refuse(refusal: unknown): void
}

type Queue = {
  readonly lane: Lane
  readonly most: number
  readonly tooMany: string
  waiting: readonly Waiting[]
  /** How much waited beside the file when the turn that is under way began; null when none is. */
  began: number | null
}

/**
 * Gives turns. What is committed while somebody reads waits beside the read model's file until nobody
 * does; where it has become much, nobody begins beside another, so that such a moment comes.
 */
export function readerTurns<Told>(options: ReaderTurnsOptions<Told>): ReaderTurns<Told> {
  const { reader, view, quietly, commit, giveUp } = options
  const queue = (lane: Lane, most: number, tooMany: string): Queue => {
    return { lane, most, tooMany, waiting: [], began: null }
  }
  const queues: Readonly<Record<Lane, Queue>> = {
    questions: queue('questions', 16, 'Too many questions about large identities are waiting.'),
    // Most are small, and they take no time of those who only ask.
    dryRuns: queue('dryRuns', 64, 'Too many dry runs are waiting.'),
    // A ledger makes one plan after another.
    plans: queue('plans', 1, 'Too many plans are waiting.')
  }
  const all = Object.values(queues)
  let came = 0

  /** Gives each lane its turn where it may begin. Called in a quiet moment. */
  function begin() {
    forgetGone()
    const next = all
      .filter(({ began, waiting }) => began === null && waiting.length > 0)
      .toSorted((one, other) => cameAt(one) - cameAt(other))
    for (const queue of next) {
      const alone = all.every(({ began }) => began === null)
      if (!alone && view.backlog() > crowded) return
      try {
        commit()
      } catch (error) {
        return giveUp(error)
      }
      if (alone && view.backlog() > crowded) view.checkpoint()
      beginIn(queue)
    }
  }

  function beginIn(queue: Queue) {
    const [first, ...later] = queue.waiting
    queue.waiting = later
    queue.began = view.backlog()
    void first?.ask().then(() => {
      queue.began = null
      goOn()
    })
  }

  function goOn() {
    if (all.some(({ waiting }) => waiting.length > 0)) quietly(begin).catch(refuse)
  }

  function forgetGone() {
    for (const queue of all) {
      const gone = queue.waiting.filter((one) => one.gone())
      if (gone.length === 0) continue
      queue.waiting = queue.waiting.filter((one) => !gone.includes(one))
      for (const { refuse } of gone)
        refuse(new LedgerError('unavailable', 'Nobody is waiting for the answer any more.'))
    }
  }

  function refuse(refusal: unknown) {
    for (const queue of all) {
      const refused = queue.waiting
      queue.waiting = []
      for (const { refuse } of refused) refuse(refusal)
    }
  }

  return {
    ask: (lane, question, gone) =>
      new Promise((resolve, reject) => {
        forgetGone()
        const queue = queues[lane]
        const waiting = queue.waiting.length + (queue.began === null ? 0 : 1)
        if (waiting >= queue.most) throw new LedgerError('overloaded', queue.tooMany)
        const ask = () => question(reader).then(resolve, reject)
        queue.waiting = [...queue.waiting, { came: ++came, ask, gone, refuse: reject }]
        begin()
      }),

    relieve() {
      for (const { lane, began } of all) {
        if (began !== null && view.backlog() - began > tooMuch) reader.cut(lane)
      }
    },

    refuse
  }
}

/** When the first in a queue came. */
function cameAt({ waiting }: Queue): number {
  return waiting[0]?.came ?? 0
}
