import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { LedgerError } from '../domain/errors.ts'
import { eventVersion, identifiersOf, parseEvent, type Recorded } from '../domain/event.ts'
import type { Identifier } from '../domain/identifier.ts'
import type { EventLog } from './event-log.ts'

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

type EventRow = {
  position: number
  recorded_at: number
  type: string
  version: number
  data: string
}

const statements = (db: Database.Database) => ({
  head: db
    .prepare<[], number>(/* sql */ `
      SELECT coalesce(max(position), 0)
      FROM events`)
    .pluck(),
  lastIdentifier: db
    .prepare<[], number>(/* sql */ `
      SELECT coalesce(max(number), 0)
      FROM identifiers`)
    .pluck(),
  append: db.prepare<[number, number, string, number, string], void>(/* sql */ `
    INSERT INTO events (position, recorded_at, type, version, data)
    VALUES (?, ?, ?, ?, ?)`),
  keep: db.prepare<[number, string, string], void>(/* sql */ `
    INSERT INTO identifiers (number, kind, value)
    VALUES (?, ?, ?)`),
  read: db.prepare<[number, number], EventRow>(/* sql */ `
    SELECT position, recorded_at, type, version, data
    FROM events
    WHERE position > ?
    ORDER BY position
    LIMIT ?`),
  identifiers: db.prepare<[string], Identifier>(/* sql */ `
    SELECT identifiers.number, identifiers.kind, identifiers.value
    FROM json_each(?) AS wanted
    JOIN identifiers ON identifiers.number = wanted.value`)
})

/** How to open a log: `create` where there is none, or only to read it beside its writer. */
export type OpenMode = 'create' | 'read'

/**
 * The log in a SQLite file: WAL, and one fsync for each batch.
 * Throws `cannot_open` when the file is missing (mode `read`), foreign, newer, or not durable.
 */
export function sqliteLog(path: string, mode: OpenMode): EventLog {
  const db = open(path, mode)
  const sql = statements(db)
  const id = db.prepare<[], string>('SELECT id FROM ledger').pluck().get() ?? ''
  let lastIdentifier = sql.lastIdentifier.get() ?? 0

  const append = db.transaction((batch: readonly Recorded[], expectedHead: number) => {
    const head = sql.head.get() ?? 0
    const continues = batch.every(({ position }, nth) => position === expectedHead + 1 + nth)
    if (head !== expectedHead || !continues) {
      throw new LedgerError(
        'conflict',
        `The log's head is ${head}; the batch does not continue it.`
      )
    }
    let last = lastIdentifier
    for (const { position, recordedAt, event, identifiers } of batch) {
      for (const { number, kind, value } of identifiers) {
        if (number <= last) continue
        sql.keep.run(number, kind, value)
        last = number
      }
      const { type, ...data } = event
      sql.append.run(position, recordedAt, type, eventVersion, JSON.stringify(data))
    }
    return last
  })

  return {
    id,

    async append(batch, expectedHead) {
      lastIdentifier = append.immediate(batch, expectedHead)
    },

    async read(after, limit) {
      const events = sql.read.all(after, limit).map((row, nth) => {
        if (row.position !== after + 1 + nth) {
          throw new LedgerError(
            'corrupt_log',
            `The event at position ${after + 1 + nth} is missing.`
          )
        }
        const event = parseEvent(row.position, row.type, row.version, row.data)
        return { position: row.position, recordedAt: row.recorded_at, event }
      })
      const named = new Set(events.flatMap(({ event }) => identifiersOf(event)))
      const vault = new Map(
        sql.identifiers.all(JSON.stringify([...named])).map((found) => [found.number, found])
      )
      return events.map((recorded) => ({
        ...recorded,
        identifiers: identifiersOf(recorded.event).map((number) => {
          const identifier = vault.get(number)
          if (identifier !== undefined) return identifier
          throw new LedgerError(
            'corrupt_log',
            `The event at position ${recorded.position} names identifier ${number}, which the vault lacks.`
          )
        })
      }))
    },

    async head() {
      return sql.head.get() ?? 0
    },

    async close() {
      db.close()
    }
  }
}

function open(path: string, mode: OpenMode): Database.Database {
  if (mode === 'read' && !existsSync(path)) {
    throw new LedgerError('cannot_open', `There is no ledger at ${path}.`)
  }
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: mode === 'read', timeout: 5_000 })
    prepare(db, path, mode)
    return db
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
    throw new LedgerError('cannot_open', `${path} is a SQLite file, but no ledger.`)
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

/** What SQLite says of a file that can't be opened, in the words of an operator. */
function why(error: unknown): string {
  const code = error instanceof Database.SqliteError ? error.code : ''
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return 'the file or its folder can’t be read and written by this user'
  }
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return 'the file is damaged or no SQLite database'
  }
  if (code.startsWith('SQLITE_FULL')) return 'the disk is full'
  if (code.startsWith('SQLITE_BUSY')) return 'another process holds it'
  return error instanceof Error ? error.message : String(error)
}
