import { existsSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { madeBy, readModels } from './read-models.ts'
import { forgetUnsynced, mayLack, noteUnsynced, settleOnDisk, syncLeft } from './unsynced.ts'

/** Marks a SQLite file as a read model of a ledger: "Ldgv". */
const applicationId = 0x4c646776

const checkpointSchema = /* sql */ `
  CREATE TABLE checkpoint (
    ledger TEXT NOT NULL,
    made_by TEXT NOT NULL,
    position INTEGER NOT NULL,
    fingerprint TEXT NOT NULL
  ) STRICT;

  -- Events that were heard before their turn.
  CREATE TABLE early (
    position INTEGER PRIMARY KEY,
    recorded TEXT NOT NULL
  ) STRICT;
`

/** Why a read model can't be used as it is, in words for the operator. It is disposable: rebuild it. */
export class Unusable extends Error {}

/** Makes the tables of an empty read model, of the log by that id, in an empty database. */
export function create(db: Database.Database, ledger: string) {
  db.transaction(() => {
    db.pragma(`application_id = ${applicationId}`)
    db.exec(checkpointSchema)
    for (const { schema } of Object.values(readModels)) db.exec(schema)
    db.prepare(/* sql */ `
      INSERT INTO checkpoint (ledger, made_by, position, fingerprint)
      VALUES (?, ?, 0, '')`).run(ledger, madeBy)
  })()
}

/** How much of a file a lasting connection maps into memory, in bytes: the most that SQLite can. */
export const mappedSize = 2 ** 31 - 2 ** 16

/**
 * How much a write-ahead log holds when SQLite by itself brings it into the file, in bytes: while a
 * read model catches up, or somebody reads.
 */
const mostBeside = 512 * 1_024 * 1_024

/** How large its file stays: room that is there is written in less time than new room. */
const mostKept = 192 * 1_024 * 1_024

/**
 * The read model of the log by that id, to be written, and closed by `closeWritten`: WAL, and no
 * fsyncs, since what a power failure takes is made again from the log; where one could not be
 * noticed, fsyncs at checkpoints.
 * What is `mapped` into memory is read in less time once the file is larger than the cache; it counts
 * as memory of the process.
 * Throws `Unusable` when it is missing, damaged, made by another version, or of another log, or
 * when a power failure may have taken some of it.
 */
export function openForWriting(
  path: string,
  ledger: string,
  { mapped = false }: { readonly mapped?: boolean } = {}
): Database.Database {
  checkKept(path)
  if (!syncLeft(path)) throw new Unusable('the disk refuses to sync it')
  return opened(path, ledger, { fileMustExist: true }, (db) => {
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${noteUnsynced(path) ? 'OFF' : 'NORMAL'}`)
    db.pragma('cache_size = -131072')
    db.pragma(`wal_autocheckpoint = ${mostBeside / sizeOfPages(db)}`)
    // It grows while somebody reads, and would stay as large.
    db.pragma(`journal_size_limit = ${mostKept}`)
    if (mapped) db.pragma(`mmap_size = ${mappedSize}`)
  })
}

/**
 * The same, to be read beside its writer. Throws `Unusable` likewise, but does not ask whether a power
 * failure took some of it: whoever compares it with the log finds out.
 */
export function openForReading(path: string, ledger: string): Database.Database {
  return opened(path, ledger, { readonly: true, fileMustExist: true }, (db) => {
    db.pragma('cache_size = -16384')
  })
}

/**
 * Closes a read model that was open for writing, and waits until all of it is on disk. No other
 * connection of this process may have it open: see `sync`.
 */
export function closeWritten(db: Database.Database) {
  db.close()
  settleOnDisk(db.name)
}

/** Throws `Unusable` when a read model that nobody has open may lack what was not on disk yet. */
export function checkKept(path: string) {
  if (mayLack(path)) {
    throw new Unusable('it may lack writes that were not on disk when the system stopped')
  }
}

/** Removes a read model and what SQLite keeps beside it. */
export function discard(path: string) {
  // The file goes first: one without its WAL would be an older state, or none.
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) {
    rmSync(file, { force: true, recursive: true })
  }
  forgetUnsynced(path)
}

function opened(
  path: string,
  ledger: string,
  options: Database.Options,
  tune: (db: Database.Database) => void
): Database.Database {
  let db: Database.Database | undefined
  if (!existsSync(path))
    throw new Unusable('it is missing; the next start of the service builds it')
  try {
    db = new Database(path, { ...options, timeout: 5_000 })
    tune(db)
    check(db, ledger)
    return db
  } catch (error) {
    db?.close()
    if (error instanceof Unusable) throw error
    throw new Unusable(error instanceof Error ? error.message : String(error))
  }
}

function check(db: Database.Database, ledger: string) {
  if (db.pragma('application_id', { simple: true }) !== applicationId) {
    throw new Unusable('it is not a read model')
  }
  const found = db
    .prepare<[], { ledger: string; made_by: string }>('SELECT ledger, made_by FROM checkpoint')
    .get()
  if (found?.made_by === '') {
    throw new Unusable('it was given up after a failed write; the next start rebuilds it')
  }
  if (found?.made_by !== madeBy) throw new Unusable('it was made by another version')
  if (found.ledger !== ledger) throw new Unusable('it belongs to another ledger')
}

/** Reads an open read model. Throws `Unusable` when SQLite finds it damaged on the way. */
export function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
    throw new Unusable(`it is damaged: ${error.message}`)
  }
}

/** Whether a read model refused what its log says: the log contradicts itself. */
export function isContradiction(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT')
}

/** Throws `Unusable` when the file's structure is damaged. Reads all of it. */
export function checkStructure(db: Database.Database) {
  // SQLite reads zeros where the last page is cut off, and finds nothing wrong with them.
  if (statSync(db.name).size % reading(() => sizeOfPages(db)) !== 0)
    throw new Unusable('it is damaged: it is cut off')
  const found = reading(() => db.pragma('quick_check(1)', { simple: true }))
  if (found !== 'ok') throw new Unusable(`it is damaged: ${String(found)}`)
}

/** The size of a file's pages, in bytes. */
export function sizeOfPages(db: Database.Database): number {
  return Number(db.pragma('page_size', { simple: true }))
}
