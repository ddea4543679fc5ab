import Database from 'better-sqlite3'
import { LedgerError } from '../domain/errors.ts'
import type { Position } from '../domain/event.ts'
import { pages } from './event-log.ts'
import { sqliteLog } from './sqlite.ts'
import { openFile, readable, why } from './sqlite-file.ts'

/** How many pages are copied before anything else gets a turn. */
const step = 2_000

/** Told how much is done, of how much. */
type Progress = (done: number, total: number) => void

/**
 * Copies the log at a path, as it stands at this moment, to a path where nothing is, beside whoever
 * writes it: SQLite's online backup (https://sqlite.org/backup.html). The caller syncs the copy.
 * Progress is in pages. Throws `cannot_open` when there is no log, `unavailable` when the copy can't
 * be written.
 */
export async function copyLog(from: string, to: string, progress?: Progress): Promise<void> {
  const db = openFile(from, 'read', (db) => db)
  try {
    // Without a transaction of its own the copy begins anew at every write to the log, and never
    // ends beside a busy server.
    db.exec('BEGIN')
    readable(() => db.prepare('SELECT id FROM ledger').get())
    await writing(() =>
      db.backup(to, {
        progress({ totalPages, remainingPages }) {
          progress?.(totalPages - remainingPages, totalPages)
          return step
        }
      })
    )
  } finally {
    db.close()
  }
}

/**
 * Makes a copy one file that stands alone, without a WAL, so that it can be kept and read anywhere;
 * then checks its structure and reads every event of it back. Progress is in events. Tells its head.
 * Throws `corrupt_log` when it is not whole.
 */
export async function checkCopy(path: string, progress?: Progress): Promise<Position | 0> {
  checkStructure(path)
  const log = sqliteLog(path, 'read')
  try {
    const head = await log.head()
    let found = 0
    for await (const page of pages(log, 0, head)) {
      found += page.length
      progress?.(found, head)
    }
    return head
  } finally {
    await log.close()
  }
}

function checkStructure(path: string) {
  const db = new Database(path)
  try {
    db.pragma('journal_mode = DELETE')
    const found = db.pragma('integrity_check(1)', { simple: true })
    if (found === 'ok') return
    throw new LedgerError('corrupt_log', `The copy at ${path} is damaged: ${String(found)}.`)
  } finally {
    db.close()
  }
}

async function writing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
    throw new LedgerError('unavailable', `The backup can't be made: ${why(error)}.`)
  }
}
