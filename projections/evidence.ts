import type { Projection } from './projection.ts'

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
