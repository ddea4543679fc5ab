import type { Worker } from 'node:worker_threads'
import { LedgerError } from '../src/domain/errors.ts'
import type { Position } from '../src/domain/event.ts'
import type { Reader } from '../src/reader.ts'
import type { Question } from '../src/views.ts'
import type { ReadModelPlace, Reply } from './reader-thread.ts'
import { startThread } from './start-thread.ts'

/** How many questions may wait for the thread, the one that it answers included. */
const mostWaiting = 16

/** A reader at work in a thread. */
export type OpenReader = Reader<Uint8Array> & {
  /**
   * Starts the thread before it is asked, so that the first question needn't wait for that. Resolves
   * once the thread answers, or can't.
   */
  begin(): Promise<void>
  /** Ends it; what waits is answered `unavailable`. */
  close(): Promise<void>
}

type Waiting = {
  readonly question: Question
  resolve(answer: Uint8Array | readonly Position[] | null): void
  reject(error: unknown): void
}

const script = new URL(import.meta.url.replace(/reader(\.[jt]s)$/, 'reader-thread$1'))

/**
 * Answers in a thread with a connection of its own, one question at a time. It is started when it is
 * first needed, and again after it died, which `onDeath` is told.
 */
export function openReader(place: ReadModelPlace, onDeath: (error: unknown) => void): OpenReader {
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

  function ask(question: Question) {
    return new Promise<Uint8Array | readonly Position[] | null>((resolve, reject) => {
      if (closing !== null) throw new LedgerError('unavailable', 'The ledger is stopping.')
      if (waiting.length >= mostWaiting) {
        throw new LedgerError(
          'overloaded',
          'Too many questions about large identities are waiting.'
        )
      }
      thread ??= start()
      if (waiting.push({ question, resolve, reject }) === 1) thread.postMessage(question)
    })
  }

  async function terminate() {
    const ended = thread
    thread = null
    refuseAll('The ledger is stopping.')
    await ended?.terminate()
  }

  return {
    contact: (...asked) => ask({ name: 'contact', asked }) as Promise<Uint8Array | null>,
    identityOf: (...asked) => ask({ name: 'identityOf', asked }) as Promise<Uint8Array | null>,
    why: (...asked) => ask({ name: 'why', asked }) as Promise<Uint8Array>,
    graph: (...asked) => ask({ name: 'graph', asked }) as Promise<Uint8Array>,
    history: (...asked) => ask({ name: 'history', asked }) as Promise<readonly Position[]>,
    supposeObserved: (...asked) => ask({ name: 'supposeObserved', asked }) as Promise<Uint8Array>,
    supposeDecided: (...asked) => ask({ name: 'supposeDecided', asked }) as Promise<Uint8Array>,

    // Contact 0 is nobody, so the answer costs nothing; `onDeath` is told of a thread that dies.
    begin: () => ask({ name: 'contact', asked: [0] }).then(nothing, nothing),

    close() {
      closing ??= terminate()
      return closing
    }
  }
}

const nothing = () => {}

function refusalOf({ refusal }: Extract<Reply, { refusal: unknown }>): LedgerError {
  const { code, message, problems } = refusal
  return new LedgerError(code, message, problems)
}
