import type Database from 'better-sqlite3'
import type { Conclusions, Contact, Link } from '../src/domain/conclude.ts'
import { openForReading, reading, Unusable } from './database.ts'

const statements = (db: Database.Database) => ({
  contacts: db.prepare<[], Omit<Contact, 'withdrawn'> & { readonly withdrawn: 0 | 1 }>(/* sql */ `
    SELECT
      id, nullif(email, 0) AS email, nullif(phone_number, 0) AS phoneNumber,
      nullif(primary_id, id) AS linkedId, withdrawn_at IS NOT NULL AS withdrawn
    FROM rooted
    ORDER BY id`),
  // A first observation without a live one, or the other way round, is for an invariant to find.
  links: db.prepare<[], Link>(/* sql */ `
    SELECT
      email, phone_number AS phoneNumber, coalesce(live.count, 0) AS count, first,
      coalesce(live.latest, 0) AS latest
    FROM pairs
    LEFT JOIN (
      SELECT
        sightings.email, sightings.phone_number, count(*) AS count, max(position) AS latest
      FROM sightings
      JOIN observations USING (position)
      WHERE retracted IS NULL
      GROUP BY sightings.email, sightings.phone_number) AS live
      USING (email, phone_number)
    WHERE first > 0 OR live.count > 0
    ORDER BY email, phone_number`)
})

/** What a read model shows of what follows from the facts, in canonical order. */
export function conclusionsIn(db: Database.Database): Conclusions {
  const sql = statements(db)
  return {
    contacts: sql.contacts.all().map((one) => ({ ...one, withdrawn: one.withdrawn === 1 })),
    links: sql.links.all()
  }
}

/** What a read model shows at one moment: its place, and the answer to what was asked of it. */
export type Shown<T> = { readonly position: number; readonly answer: T }

/**
 * Asks a read model at one moment.
 * Throws `Unusable` when it is missing, damaged, or of another version or log.
 */
export function snapshot<T>(
  path: string,
  ledger: string,
  ask: (db: Database.Database) => T
): Shown<T> {
  const db = openForReading(path, ledger)
  try {
    const show = db.transaction(() => ({
      position: db.prepare<[], number>('SELECT position FROM checkpoint').pluck().get() ?? 0,
      answer: ask(db)
    }))
    return reading(show)
  } finally {
    db.close()
  }
}

/** The same, or why the read model can't be used. */
export function trySnapshot<T>(
  path: string,
  ledger: string,
  ask: (db: Database.Database) => T
): { readonly shown: Shown<T> | null; readonly unusable: string | null } {
  try {
    return { shown: snapshot(path, ledger, ask), unusable: null }
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    return { shown: null, unusable: error.message }
  }
}
