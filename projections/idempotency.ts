import type Database from 'better-sqlite3'
import type { ContactObserved } from '../src/domain/event.ts'
import type { Hears, Projection } from './projection.ts'

type Seen = Pick<ContactObserved, 'email' | 'phoneNumber'>

/** The idempotency keys at work: which observation was recorded under which. */
export type Idempotency = Hears & { under(key: string): Seen | null }

/** Idempotency keys, and what was observed under each. */
export const idempotency: Projection<Idempotency> = {
  name: 'idempotency',
  version: 1,
  schema: /* sql */ `
    CREATE TABLE idempotency_keys (
      key TEXT PRIMARY KEY,
      position INTEGER NOT NULL,
      email INTEGER,
      phone_number INTEGER
    ) STRICT, WITHOUT ROWID;`,

  open(db: Database.Database) {
    const remember = db.prepare<[string, number, number | null, number | null], void>(/* sql */ `
      INSERT INTO idempotency_keys (key, position, email, phone_number)
      VALUES (?, ?, ?, ?)
      ON CONFLICT DO NOTHING`)
    const under = db.prepare<[string], Seen>(/* sql */ `
      SELECT email, phone_number AS phoneNumber
      FROM idempotency_keys
      WHERE key = ?`)
    return {
      hear({ position, event }) {
        if (event.type !== 'ContactObserved' || event.idempotencyKey === undefined) return
        remember.run(event.idempotencyKey, position, event.email, event.phoneNumber)
      },
      under: (key) => under.get(key) ?? null
    }
  }
}
