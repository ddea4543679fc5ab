import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { type EventLog, pages } from '../src/log/event-log.ts'
import { createForFilling, discard } from './database.ts'
import { type Projector, projector } from './projector.ts'

/** How a long job is watched and stopped. */
export type Watch = {
  /** Told how many events are done, of how many. */
  progress?(done: number, total: number): void
  /** Ends the job with an error once aborted. */
  readonly signal?: AbortSignal
}

/** Takes the events after a projector's checkpoint up to a position, a page a transaction. */
export async function catchUp(
  log: EventLog,
  models: Projector,
  upTo: number,
  { progress, signal }: Watch = {}
): Promise<void> {
  for await (const page of pages(log, models.checkpoint().position, upTo)) {
    signal?.throwIfAborted()
    models.hearAll(page)
    progress?.(models.checkpoint().position, upTo)
    await yieldToOthers()
  }
}

/**
 * Builds the read model of the first `upTo` events in a new file beside `path` and swaps it in.
 * Killed at any moment it leaves the old one, or none, or the new one: never half of one. The
 * caller holds the ledger's lock and has nothing open on `path`.
 */
export async function rebuild(
  log: EventLog,
  path: string,
  upTo: number,
  watch?: Watch
): Promise<void> {
  const fresh = `${path}.new`
  discard(fresh)
  const db = createForFilling(fresh, log.id)
  try {
    await catchUp(log, projector(db), upTo, watch)
  } finally {
    db.close()
  }
  sync(fresh)
  discard(path)
  renameSync(fresh, path)
  sync(dirname(path))
}

function sync(path: string) {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
