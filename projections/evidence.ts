import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../src/domain/event.ts'
import type { Evidence, Way } from '../src/domain/explain.ts'
import type { Projection } from './projection.ts'

type Row = { count: number; first: number; first_at: number; latest: number; latest_at: number }

/** Which identifiers were observed together: how often, first and latest. */
export const evidence: Projection = {
  name: 'evidence',
  version: 1,
  schema: /* sql */ `
    CREATE TABLE links (
      email INTEGER NOT NULL,
      phone_number INTEGER NOT NULL,
      count INTEGER NOT NULL,
      first INTEGER NOT NULL,
      first_at INTEGER NOT NULL,
      latest INTEGER NOT NULL,
      latest_at INTEGER NOT NULL,
      PRIMARY KEY (email, phone_number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX links_by_phone ON links (phone_number);`,

  open(db) {
    const see = db.prepare<[number, number, number, number, number, number], void>(/* sql */ `
      INSERT INTO links (email, phone_number, count, first, first_at, latest, latest_at)
      VALUES (?, ?, 1, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE
      SET count = count + 1, latest = excluded.latest, latest_at = excluded.latest_at`)
    return {
      hear({ position, event }) {
        if (event.type !== 'ContactObserved') return
        const { email, phoneNumber, observedAt: at } = event
        if (email !== null && phoneNumber !== null) {
          see.run(email, phoneNumber, position, at, position, at)
        }
      }
    }
  }
}

const statements = (db: Database.Database) => ({
  ways: db.prepare<{ from: number }, Way>(/* sql */ `
    SELECT phone_number AS "to", first
    FROM links
    WHERE email = :from
    UNION ALL
    SELECT email, first
    FROM links
    WHERE phone_number = :from`),
  between: db.prepare<{ a: number; b: number }, Row>(/* sql */ `
    SELECT count, first, first_at, latest, latest_at
    FROM links
    WHERE (email, phone_number) IN (VALUES (:a, :b), (:b, :a))`)
})

/** What can be asked of the evidence. */
export type EvidenceQueries = {
  waysFrom(identifier: IdentifierNumber): Way[]
  between(a: IdentifierNumber, b: IdentifierNumber): Evidence | null
}

export function evidenceQueries(db: Database.Database): EvidenceQueries {
  const sql = statements(db)
  return {
    waysFrom: (from) => sql.ways.all({ from }),
    between(a, b) {
      const row = sql.between.get({ a, b })
      if (row === undefined) return null
      return {
        count: row.count,
        first: { position: row.first, time: row.first_at },
        latest: { position: row.latest, time: row.latest_at }
      }
    }
  }
}
