import { randomUUID } from 'node:crypto'
import type { Recorded } from '../domain/event.ts'
import { type Batch, type EventLog, mustContinue } from './event-log.ts'

/** The log in an array: the reference for every other adapter. Durable as long as the process. */
export function memoryLog(): EventLog {
  const events: Recorded[] = []
  return {
    id: randomUUID(),

    async append(batch: Batch, expectedHead) {
      mustContinue(batch, expectedHead, events.length)
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
