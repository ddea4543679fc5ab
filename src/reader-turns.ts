import { LedgerError } from './domain/errors.ts'
import type { Reader } from './reader.ts'
import type { WritingView } from './views.ts'

/** How much may wait to be brought into the read model's file before readers pause for it, in bytes. */
const crowded = 256 * 1_024 * 1_024

/** How much, before one who reads all the while is cut short. */
const tooMuch = 1_024 * 1_024 * 1_024

/** Who asks a reader: each kind has its answers one at a time, beside the other kind. */
export type Kind = 'question' | 'dryRun'

/** Has a reader asked, by who waits for it, in the order in which they came. */
export type ReaderTurns<Told> = {
  /**
   * Takes a place, at a moment at which the read model shows exactly what is on disk; so is the moment
   * at which the reader is asked, unless `gone` says that nobody waits any more. Throws `overloaded`
   * where too many wait, and what the reader throws.
   */
  ask<T>(
    kind: Kind,
    question: (reader: Reader<Told>) => Promise<T>,
    gone: () => boolean
  ): Promise<T>
  /** Cuts short who keeps what was committed from the file for too long. Called after commits. */
  relieve(): void
}

export type ReaderTurnsOptions<Told> = {
  readonly reader: Reader<Told>
  readonly view: Pick<WritingView, 'backlog'>
  /** Calls at such a moment. Rejects once there is none any more. */
  quietly(step: () => void): Promise<void>
  /** Commits the read model: the reader sees only what was committed. */
  commit(): void
}

type Waiting = {
  readonly came: number
  ask(): Promise<void>
  gone(): boolean
  refuse(refusal: unknown): void
}

type Queue = {
  readonly most: number
  readonly tooMany: string
  waiting: readonly Waiting[]
  busy: boolean
}

/**
 * Gives turns. What is committed while somebody reads waits beside the read model's file until nobody
 * does; where it has become much, readers of either kind begin only together.
 */
export function readerTurns<Told>(options: ReaderTurnsOptions<Told>): ReaderTurns<Told> {
  const { reader, view, quietly, commit } = options
  const queue = (most: number, tooMany: string): Queue => {
    return { most, tooMany, waiting: [], busy: false }
  }
  const queues: Readonly<Record<Kind, Queue>> = {
    question: queue(16, 'Too many questions about large identities are waiting.'),
    // Most are small, and they take no time of those who only ask.
    dryRun: queue(64, 'Too many dry runs are waiting.')
  }
  const all = Object.values(queues)
  const anyBusy = () => all.some(({ busy }) => busy)
  let came = 0

  function begin() {
    const idle = all.filter(({ busy, waiting }) => !busy && waiting.length > 0)
    if (idle.length === 0) return
    commit()
    for (const queue of idle.toSorted((one, other) => cameAt(one) - cameAt(other))) {
      if (anyBusy() && view.backlog() > crowded) return
      const [next, ...later] = queue.waiting
      queue.waiting = later
      queue.busy = true
      void next?.ask().then(() => {
        queue.busy = false
        goOn()
      })
    }
  }

  function goOn() {
    for (const queue of all) forgetGone(queue)
    if (all.some(({ waiting }) => waiting.length > 0)) quietly(begin).catch(refuseAll)
  }

  function refuseAll(refusal: unknown) {
    for (const queue of all) {
      const refused = queue.waiting
      queue.waiting = []
      for (const { refuse } of refused) refuse(refusal)
    }
  }

  return {
    ask: (kind, question, gone) =>
      new Promise((resolve, reject) => {
        const queue = queues[kind]
        forgetGone(queue)
        if (queue.waiting.length + Number(queue.busy) >= queue.most) {
          throw new LedgerError('overloaded', queue.tooMany)
        }
        const ask = () => question(reader).then(resolve, reject)
        queue.waiting = [...queue.waiting, { came: ++came, ask, gone, refuse: reject }]
        begin()
      }),

    relieve() {
      if (anyBusy() && view.backlog() > tooMuch) reader.cut()
    }
  }
}

/** When the first in a queue came. */
function cameAt({ waiting }: Queue): number {
  return waiting[0]?.came ?? 0
}

function forgetGone(queue: Queue) {
  const gone = queue.waiting.filter((one) => one.gone())
  if (gone.length === 0) return
  queue.waiting = queue.waiting.filter((one) => !gone.includes(one))
  for (const { refuse } of gone) refuse(new LedgerError('unavailable', 'Nobody waits for it.'))
}
