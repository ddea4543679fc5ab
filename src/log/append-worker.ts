import { parentPort, workerData } from 'node:worker_threads'
import { LedgerError } from '../domain/errors.ts'
import { sqliteLog } from './sqlite.ts'
import type { Order, Outcome } from './threaded.ts'

/** The thread that appends for `threadedLog`. */
const log = sqliteLog(workerData, 'create')

parentPort?.on('message', (order: Order) => {
  void carriedOut(order).then((outcome) => {
    parentPort?.postMessage(outcome)
    if (order === 'close') parentPort?.close()
  })
})

async function carriedOut(order: Order): Promise<Outcome> {
  try {
    if (order === 'close') await log.close()
    else await log.append(JSON.parse(order.batch), order.expectedHead)
    return 'done'
  } catch (error) {
    const code = error instanceof LedgerError ? error.code : null
    return { code, message: error instanceof Error ? error.message : String(error) }
  }
}
