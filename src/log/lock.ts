import { readFileSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { LedgerError } from '../domain/errors.ts'

/** Held while a process may write a ledger. */
export type Lock = { release(): void }

/**
 * Takes the one lock of a ledger: an exclusive transaction on a SQLite file of its own, which the
 * operating system releases when the process ends, however it ends.
 * Throws `cannot_open` when another process, or another ledger in this one, holds it.
 */
export function lock(path: string): Lock {
  const holder = `${path}.pid`
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
    writeFileSync(holder, `${process.pid}\n`)
  } catch (error) {
    db?.close()
    throw new LedgerError('cannot_open', refusal(error, path, holder))
  }
  const held = db
  return { release: () => void held.close() }
}

function refusal(error: unknown, path: string, holder: string): string {
  if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
    return `Another process${pidIn(holder)} has this ledger open. One process serves a ledger.`
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
