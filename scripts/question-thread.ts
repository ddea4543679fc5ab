import type { Worker } from 'node:worker_threads'
import { LedgerError } from '../src/domain/errors.ts'
import { codeOf } from '../src/error-code.ts'
import type { Answer, ReadModelPlace, Reply, Task } from './reader-thread.ts'
import { startThread } from './start-thread.ts'

/** A thread with a connection of its own, which does one task at a time, in their order. */
export type QuestionThread = {
  /** Throws what the read model throws; `overloaded` when it is cut; `unavailable`. */
  ask(task: Task): Promise<Answer>
  /** Ends it if it is at work; the next question starts it anew. */
  cut(): void
  /** Ends it for good; what is asked is answered `unavailable`. */
  close(): Promise<void>
}

type Asked = { resolve(answer: Answer): void; reject(error: unknown): void }

const script = new URL(import.meta.url.replace(/question-thread(\.[jt]s)$/, 'reader-thread$1'))

/** Starts the thread when it is first asked, and again after it died, which `onDeath` is told. */
export function questionThread(
  place: ReadModelPlace,
  onDeath: (error: unknown) => void
): QuestionThread {
  let asked: Asked[] = []
  let thread: Worker | null = null
  let closing: Promise<void> | null = null
  let ended: Promise<unknown> = Promise.resolve()

  function start(): Worker {
    const started = startThread(script, place)
    const end = (error: unknown) => {
      if (thread !== started) return
      onDeath(error)
      void leave(
        new LedgerError(
          'unavailable',
          codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY'
            ? 'Answering this needs more memory than there is.'
            : 'This could not be answered now. Ask again.'
        )
      )
    }
    started.on('message', (reply: Reply) => {
      if (thread !== started) return
      const next = asked.shift()
      if ('answer' in reply) next?.resolve(reply.answer)
      else next?.reject('refusal' in reply ? refusalOf(reply) : reply.error)
    })
    started.on('error', end)
    started.on('exit', (code) => end(new Error(`the reader's thread ended with ${code}`)))
    return started
  }

  /** Ends the thread, and refuses what it was asked once it reads no more. */
  async function leave(refusal: LedgerError) {
    const [left, refused] = [thread, asked]
    thread = null
    asked = []
    ended = Promise.all([ended, left?.terminate()])
    await ended
    for (const { reject } of refused) reject(refusal)
  }

  return {
    ask: (task) =>
      new Promise((resolve, reject) => {
        if (closing !== null) throw stopping()
        thread ??= start()
        thread.postMessage(task)
        asked.push({ resolve, reject })
      }),

    cut() {
      if (asked.length === 0) return
      const message = 'Too much is being recorded for this to finish. Ask again later.'
      void leave(new LedgerError('overloaded', message))
    },

    close() {
      closing ??= leave(stopping())
      return closing
    }
  }
}

function stopping() {
  return new LedgerError('unavailable', 'The ledger is stopping.')
}

function refusalOf({ refusal }: Extract<Reply, { refusal: unknown }>): LedgerError {
  const { code, message, problems } = refusal
  return new LedgerError(code, message, problems)
}
