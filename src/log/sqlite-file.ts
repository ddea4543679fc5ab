import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { LedgerError } from '../domain/errors.ts'

/** Marks a SQLite file as a ledger: "Ldgr". */
const applicationId = 0x4c646772
const schemaVersion = 1

const schema = /* sql */ `
  CREATE TABLE ledger (
    id TEXT NOT NULL
  ) STRICT;

  CREATE TABLE events (
    position INTEGER PRIMARY KEY CHECK (position > 0),
    recorded_at INTEGER NOT NULL,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL
  ) STRICT;

  CREATE TRIGGER event_positions_are_contiguous BEFORE INSERT ON events
  WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM events)
  BEGIN SELECT RAISE(ABORT, 'the event log has no gaps'); END;

  CREATE TRIGGER event_never_changes BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

  CREATE TRIGGER event_never_goes BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;

  -- The vault. Values are looked up by number here; a read model finds numbers by value.
  CREATE TABLE identifiers (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    kind TEXT NOT NULL CHECK (kind IN ('email', 'phone')),
    value TEXT NOT NULL
  ) STRICT;

  CREATE TRIGGER identifier_numbers_are_contiguous BEFORE INSERT ON identifiers
  WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM identifiers)
  BEGIN SELECT RAISE(ABORT, 'identifiers are numbered without gaps'); END;

  CREATE TRIGGER identifier_keeps_its_number BEFORE UPDATE OF number, kind ON identifiers
  BEGIN SELECT RAISE(ABORT, 'an identifier keeps its number and kind'); END;

  CREATE TRIGGER identifier_never_goes BEFORE DELETE ON identifiers
  BEGIN SELECT RAISE(ABORT, 'an identifier keeps its number'); END;
`

/** How large a write-ahead log may stay that has grown, in bytes. */
const largestLeft = 64 * 1_024 * 1_024

/** How to open a log: to `write` it, making it where there is none, or only to read it beside its writer. */
export type OpenMode = 'write' | 'read'

/**
 * Opens the file of a log for use, and makes its tables where it is new.
 * Throws `cannot_open` when it is missing (mode `read`), foreign, newer, damaged, or not durable.
 */
export function openFile<T>(path: string, mode: OpenMode, use: (db: Database.Database) => T): T {
  if (mode === 'read' && !existsSync(path)) {
    throw new LedgerError('cannot_open', `There is no ledger at ${path}.`)
  }
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: mode === 'read', timeout: 5_000 })
    prepare(db, path, mode)
    return use(db)
  } catch (error) {
    db?.close()
    if (error instanceof LedgerError) throw error
    throw new LedgerError('cannot_open', `The ledger at ${path} can't be opened: ${why(error)}.`)
  }
}

function prepare(db: Database.Database, path: string, mode: OpenMode) {
  const [foundId, foundVersion] = [pragma(db, 'application_id'), pragma(db, 'user_version')]
  const tables = db.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get() ?? 0
  const blank = foundId === 0 && foundVersion === 0 && tables === 0
  if (!blank && foundId !== applicationId) {
    throw new LedgerError('cannot_open', `${path} is a SQLite file, but not a ledger.`)
  }
  if (Number(foundVersion) > schemaVersion) {
    throw new LedgerError(
      'cannot_open',
      `${path} was written by a newer version of this program (schema ${foundVersion}; this one knows ${schemaVersion}).`
    )
  }
  if (mode === 'read') {
    if (blank) throw new LedgerError('cannot_open', `The ledger at ${path} is empty.`)
    return
  }
  db.pragma('journal_mode = WAL')
  // better-sqlite3 is compiled to fall back to NORMAL in WAL, which loses acknowledged writes when
  // the power goes; so it is set, and read back.
  db.pragma('synchronous = FULL')
  if (pragma(db, 'journal_mode') !== 'wal' || pragma(db, 'synchronous') !== 2) {
    throw new LedgerError(
      'cannot_open',
      `${path} can't be written durably (WAL, synchronous=FULL).`
    )
  }
  // It grows while a backup reads, and would stay as large.
  db.pragma(`journal_size_limit = ${largestLeft}`)
  if (!blank) return
  db.transaction(() => {
    db.exec(schema)
    db.prepare('INSERT INTO ledger (id) VALUES (?)').run(randomUUID())
    db.pragma(`application_id = ${applicationId}`)
    db.pragma(`user_version = ${schemaVersion}`)
  }).immediate()
}

function pragma(db: Database.Database, name: string): number | string {
  return db.pragma(name, { simple: true }) as number | string
}

/** Reads the file. Throws `corrupt_log` when SQLite can't. */
export function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
    throw new LedgerError('corrupt_log', `The log can't be read: ${why(error)}.`)
  }
}

/** What SQLite says of a file that can't be opened, in the words of an operator. */
export function why(error: unknown): string {
  const code = error instanceof Database.SqliteError ? error.code : ''
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return 'the file or its folder can’t be read and written by this user'
  }
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return 'the file is damaged or not a SQLite database'
  }
  if (code.startsWith('SQLITE_FULL')) return 'the disk is full'
  if (code.startsWith('SQLITE_BUSY')) return 'another process holds it'
  return `the system says ${code || String(error)}`
}
