import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { LedgerError } from '../domain/errors.ts'

/** How long a lock may be another's before it is refused, in ms: whoever only looks lets go at once. */
const patience = 500

/** Held while a process may write a ledger. */
export type Lock = { release(): void }

/** What is said of another process that holds the lock of a ledger. */
const holdsLedger = 'has this ledger open. One process serves a ledger.'

/**
 * Takes the one lock of a ledger, or of something else that `holds` names: an exclusive transaction on
 * a SQLite file of its own, which the operating system releases when the process ends, however it ends.
 * Throws `cannot_open` when another process, or another ledger in this one, holds it.
 */
export function lock(path: string, holds = holdsLedger): Lock {
  const holder = `${path}.pid`
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: patience })
    db.exec('BEGIN EXCLUSIVE')
    writeFileSync(holder, `${process.pid}\n`)
  } catch (error) {
    db?.close()
    throw new LedgerError('cannot_open', refusal(error, path, holder, holds))
  }
  const held = db
  return { release: () => void held.close() }
}

/** Whether another process holds a ledger's lock. */
export function isLocked(path: string): boolean {
  if (!existsSync(path)) return false
  const db = new Database(path, { timeout: 0, readonly: true })
  try {
    db.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
    return false
  } catch (error) {
    return isBusy(error)
  } finally {
    db.close()
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

function refusal(error: unknown, path: string, holder: string, holds: string): string {
  if (isBusy(error)) {
    return `Another process${pidIn(holder)} ${holds}`
  }
  const reason = error instanceof Error ? error.message : String(error)
  return `The lock ${path} can't be taken: ${reason}.`
}

function pidIn(holder: string): string {
  try {
    return ` (pid ${readFileSync(holder, 'utf8').trim()})`
  } catch {
    return ''
  }
}
