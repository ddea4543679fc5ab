import { renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { LedgerError } from '../src/domain/errors.ts'
import { codeOf } from '../src/error-code.ts'
import { type EventLog, pages } from '../src/log/event-log.ts'
import { discard, isContradiction } from './database.ts'
import { createForFilling } from './filling.ts'
import { makeIndexes } from './indexes.ts'
import { type Projector, projector } from './projector.ts'
import { sync } from './sync.ts'

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
 * caller holds the ledger's lock and has nothing open on `path`. Throws `unavailable` when the disk
 * refuses, `corrupt_log` when the log can't be read or contradicts itself.
 */
export async function rebuild(
  log: EventLog,
  path: string,
  upTo: number,
  watch?: Watch
): Promise<void> {
  const fresh = `${path}.new`
  try {
    discard(fresh)
    const db = createForFilling(fresh, log.id)
    try {
      // One transaction, so that a page which many events change is written once.
      db.exec('BEGIN')
      await catchUp(log, projector(db), upTo, watch)
      db.exec('COMMIT')
      // A sort may hold as much as the cache, and no longer needs what is there.
      db.pragma('cache_size = -65536')
      db.pragma('shrink_memory')
      makeIndexes(db)
    } finally {
      db.close()
    }
    sync(fresh)
    discard(path)
    renameSync(fresh, path)
    sync(dirname(path))
  } catch (error) {
    rmSync(fresh, { force: true })
    throw explained(error, path)
  }
}

/** In an operator's words, what the codes of SQLite and of the system say of a disk. */
const refusals = [
  [/^(SQLITE_FULL|ENOSPC)/, 'the disk is full'],
  [/^(SQLITE_(READONLY|CANTOPEN)|EACCES|EPERM|EROFS)/, 'its folder can’t be written by this user'],
  [/^(SQLITE_(IOERR|CORRUPT)|E[A-Z]+$)/, 'its disk can’t be written']
] as const

/** A fault of the disk in an operator's words; whatever else went wrong as it is. */
function explained(error: unknown, path: string): unknown {
  if (isContradiction(error)) {
    return new LedgerError('corrupt_log', 'The log contradicts itself: "verify" says where.')
  }
  const code = codeOf(error)
  const refusal = refusals.find(([codes]) => codes.test(code))
  if (refusal === undefined) return error
  return new LedgerError('unavailable', `The read model ${path} can't be built: ${refusal[1]}.`)
}
