import { Worker } from 'node:worker_threads'
import type { LedgerErrorCode } from '../domain/errors.ts'
import { LedgerError } from '../domain/errors.ts'
import type { Batch, EventLog } from './event-log.ts'
import { sqliteLog } from './sqlite.ts'

/** What the appending thread is told: a batch as JSON, or to close. */
export type Order = { readonly batch: string; readonly expectedHead: number } | 'close'

/** What it answers, in the order of the orders; `code` is null for what is no refusal. */
export type Outcome = { readonly code: LedgerErrorCode | null; readonly message: string } | 'done'

type Caller = { resolve(): void; reject(error: Error): void }

const script = new URL(
  import.meta.url.endsWith('.ts') ? './append-worker.ts' : './append-worker.js',
  import.meta.url
)

/**
 * The log in a SQLite file, appended to by a thread of its own, so that the one that decides goes on
 * while the disk is busy. Reads are served from here.
 * Throws `cannot_open` like `sqliteLog`.
 */
export function threadedLog(path: string): EventLog {
  // Opened here once, so that a file that can't be written is known before a thread is started.
  const log = sqliteLog(path, 'create')
  const worker = new Worker(script, { workerData: path })
  const callers: Caller[] = []
  let gone: Error | null = null

  worker.on('message', (outcome: Outcome) => {
    const caller = callers.shift()
    if (outcome === 'done') return caller?.resolve()
    const { code, message } = outcome
    caller?.reject(code === null ? new Error(message) : new LedgerError(code, message))
  })
  const end = (error: Error) => {
    gone ??= error
    for (const { reject } of callers.splice(0)) reject(gone)
  }
  worker.on('error', end)
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      end(new Error('the appending thread has ended'))
      resolve()
    })
  })

  function order(what: Order): Promise<void> {
    if (gone !== null) return Promise.reject(gone)
    return new Promise((resolve, reject) => {
      callers.push({ resolve, reject })
      worker.postMessage(what)
    })
  }

  return {
    id: log.id,
    append: (batch: Batch, expectedHead) => order({ batch: JSON.stringify(batch), expectedHead }),
    read: log.read,
    head: log.head,
    async close() {
      if (gone === null) await order('close')
      await exited
      await log.close()
    }
  }
}
