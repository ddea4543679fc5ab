import type { Worker } from 'node:worker_threads'
import { LedgerError } from '../src/domain/errors.ts'
import type { Position } from '../src/domain/event.ts'
import type { Question } from '../src/views.ts'
import type { ReadModelPlace, Reply } from './reader-thread.ts'
import { startThread } from './start-thread.ts'

export type Answer = Uint8Array | readonly Position[] | null

/** A thread with a connection of its own, which answers one question at a time, in their order. */
export type QuestionThread = {
  /** Throws what the read model throws; `overloaded`; `unavailable`. */
  ask(question: Question): Promise<Answer>
  /** Ends it; what waits is answered `unavailable`. */
  close(): Promise<void>
}

export type QuestionThreadOptions = {
  readonly place: ReadModelPlace
  /** How many questions may wait, the one that it answers included. */
  readonly mostWaiting: number
  /** What is said to one too many. */
  readonly tooMany: string
  onDeath(error: unknown): void
}

type Waiting = {
  readonly question: Question
  resolve(answer: Answer): void
  reject(error: unknown): void
}

const script = new URL(import.meta.url.replace(/question-thread(\.[jt]s)$/, 'reader-thread$1'))

/** Starts the thread when it is first asked, and again after it died, which `onDeath` is told. */
export function questionThread(options: QuestionThreadOptions): QuestionThread {
  const { place, mostWaiting, tooMany, onDeath } = options
  let waiting: Waiting[] = []
  let thread: Worker | null = null
  let closing: Promise<void> | null = null

  function refuseAll(message: string) {
    const refused = waiting
    waiting = []
    for (const { reject } of refused) reject(new LedgerError('unavailable', message))
  }

  function start(): Worker {
    const started = startThread(script, place)
    const end = (error: unknown) => {
      if (thread !== started) return
      thread = null
      onDeath(error)
      refuseAll('Nobody could answer that now. Ask again.')
    }
    started.on('message', (reply: Reply) => {
      if (thread !== started) return
      const asked = waiting.shift()
      if (waiting[0] !== undefined) started.postMessage(waiting[0].question)
      if ('answer' in reply) asked?.resolve(reply.answer)
      else asked?.reject('refusal' in reply ? refusalOf(reply) : reply.error)
    })
    started.on('error', end)
    started.on('exit', (code) => end(new Error(`the reader's thread ended with ${code}`)))
    return started
  }

  async function terminate() {
    const ended = thread
    thread = null
    refuseAll('The ledger is stopping.')
    await ended?.terminate()
  }

  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (closing !== null) throw new LedgerError('unavailable', 'The ledger is stopping.')
        if (waiting.length >= mostWaiting) throw new LedgerError('overloaded', tooMany)
        thread ??= start()
        if (waiting.push({ question, resolve, reject }) === 1) thread.postMessage(question)
      }),

    close() {
      closing ??= terminate()
      return closing
    }
  }
}

function refusalOf({ refusal }: Extract<Reply, { refusal: unknown }>): LedgerError {
  const { code, message, problems } = refusal
  return new LedgerError(code, message, problems)
}
