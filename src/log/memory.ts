import { randomUUID } from 'node:crypto'
import { LedgerError } from '../domain/errors.ts'
import type { Recorded } from '../domain/event.ts'
import type { Batch, EventLog } from './event-log.ts'

/** The log in an array: the reference for every other adapter. Durable as long as the process. */
export function memoryLog(): EventLog {
  const events: Recorded[] = []
  return {
    id: randomUUID(),

    async append(batch: Batch, expectedHead) {
      const continues = batch.every(({ position }, nth) => position === expectedHead + 1 + nth)
      if (events.length !== expectedHead || !continues) {
        throw new LedgerError(
          'conflict',
          `The log's head is ${events.length}; the batch does not continue it.`
        )
      }
      events.push(...structuredClone(batch))
    },

    async read(after, limit) {
      return structuredClone(events.slice(after, after + limit))
    },

    async head() {
      return events.length
    },

    async close() {}
  }
}
