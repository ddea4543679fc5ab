import { existsSync } from 'node:fs'
import type Database from 'better-sqlite3'
import type { EventLog } from '../src/log/event-log.ts'
import type { View } from '../src/views.ts'
import { checkStructure, closeWritten, openForWriting, reading, Unusable } from './database.ts'
import { fingerprint, projector } from './projector.ts'
import { readingView } from './reading-view.ts'
import { catchUp, rebuild, type Watch } from './rebuild.ts'
import { writingView } from './writing-view.ts'

/** The read model of a log, open for its one writer. */
export type ReadModel = { readonly view: View; close(): void }

/** How the way to an open read model is watched. */
export type Opening = Watch & {
  /** The read model can't be used and is built anew; in words for the operator. */
  rebuilding?(reason: string): void
  /** Whether as much of the file as can be is mapped into memory, for who answers from it for long. */
  readonly mapped?: boolean
}

/**
 * Opens the read model at a path and brings it to the head of its log. One that is missing,
 * damaged, of another version, of another log or ahead of its log is built anew first.
 * Throws `corrupt_log` when the log can't be read. The caller holds the ledger's lock.
 */
export async function openReadModel(
  log: EventLog,
  path: string,
  opening: Opening = {}
): Promise<ReadModel> {
  const head = await log.head()
  const db = await usable(log, path, head, opening).catch(async (error: unknown) => {
    if (!(error instanceof Unusable)) throw error
    if (head > 0) opening.rebuilding?.(error.message)
    await rebuild(log, path, head, opening)
    return openForWriting(path, log.id, opening)
  })
  try {
    const models = projector(db)
    await catchUp(log, models, head, opening)
    const view = {
      ...readingView(db, models.flush),
      position: models.position,
      ...writingView(db, models)
    }
    return { view, close: () => closeWritten(db) }
  } catch (error) {
    closeWritten(db)
    throw error
  }
}

/** The read model at a path, if it is whole and shows this log. Throws `Unusable` if it is not. */
async function usable(
  log: EventLog,
  path: string,
  head: number,
  opening: Opening
): Promise<Database.Database> {
  if (!existsSync(path)) throw new Unusable('it is missing')
  const db = openForWriting(path, log.id, opening)
  try {
    checkStructure(db)
    const { checkpoint } = reading(() => projector(db))
    await checkPlace(log, checkpoint(), head)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Throws `Unusable` when the event at a checkpoint is not the one that the read model heard. */
async function checkPlace(
  log: EventLog,
  checkpoint: { readonly position: number; readonly fingerprint: string },
  head: number
) {
  if (checkpoint.position > head) throw new Unusable('it is ahead of the log')
  if (checkpoint.position === 0) return
  const [event] = await log.read(checkpoint.position - 1, 1)
  if (event === undefined || fingerprint(event) !== checkpoint.fingerprint) {
    throw new Unusable('it shows events that the log does not hold')
  }
}
