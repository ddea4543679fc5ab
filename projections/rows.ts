import type Database from 'better-sqlite3'
import type { Contact, Link, Merge } from '../src/domain/identity.ts'
import { openForReading, reading } from './database.ts'
import { digest, type Rows, type ValueOf } from './digest.ts'

const statements = (db: Database.Database) => ({
  contacts: db.prepare<[], Contact>(/* sql */ `
    SELECT
      id, email, phone_number AS phoneNumber, linked_id AS linkedId,
      created_at AS createdAt, updated_at AS updatedAt, deleted_at AS deletedAt
    FROM linked
    ORDER BY id`),
  links: db.prepare<[], Link>(/* sql */ `
    SELECT email, phone_number AS phoneNumber, count, first, latest
    FROM links
    ORDER BY email, phone_number`),
  merges: db.prepare<[], Merge>(/* sql */ `
    SELECT cause, survivor, absorbed
    FROM merges
    ORDER BY cause, absorbed`),
  value: db
    .prepare<[number], string>(/* sql */ `
      SELECT value
      FROM identifiers
      WHERE number = ?`)
    .pluck()
})

/** The rows of a read model in canonical order, read as they are asked for, and its values. */
export function rowsOf(db: Database.Database): Rows & { readonly valueOf: ValueOf } {
  const sql = statements(db)
  return {
    contacts: { [Symbol.iterator]: () => sql.contacts.iterate() },
    links: { [Symbol.iterator]: () => sql.links.iterate() },
    merges: { [Symbol.iterator]: () => sql.merges.iterate() },
    valueOf: (number) => sql.value.get(number) ?? null
  }
}

/** The digest of the read model in an open database. */
export function digestOfDatabase(db: Database.Database): string {
  const rows = rowsOf(db)
  return digest(rows, rows.valueOf)
}

/**
 * What a read model shows at one moment: its place, and what is asked of it.
 * Throws `Unusable` when it is missing, damaged, or of another version or log.
 */
export function snapshot<T>(path: string, ledger: string, ask: (db: Database.Database) => T) {
  const db = openForReading(path, ledger)
  try {
    const show = db.transaction(() => ({
      position: db.prepare<[], number>('SELECT position FROM checkpoint').pluck().get() ?? 0,
      asked: ask(db)
    }))
    return reading(show)
  } finally {
    db.close()
  }
}
