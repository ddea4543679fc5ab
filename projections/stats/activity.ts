import type Database from 'better-sqlite3'
import type { LedgerEvent } from '../../src/domain/event.ts'
import type { Projection } from '../projection.ts'

const dayLength = 24 * 60 * 60 * 1_000

const statements = (db: Database.Database) => ({
  count: db.prepare<[string, number], void>(/* sql */ `
    INSERT INTO event_types (type, events)
    VALUES (?, ?)
    ON CONFLICT DO UPDATE
    SET events = events + excluded.events`),
  countDay: db.prepare<[number, number, number], void>(/* sql */ `
    INSERT INTO days (day, merges, splits)
    VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE
    SET merges = merges + excluded.merges, splits = splits + excluded.splits`)
})

/** How much happened: events by type, merges and splits by day. */
export const activity: Projection = {
  name: 'activity',
  version: 1,
  schema: /* sql */ `
    CREATE TABLE event_types (
      type TEXT PRIMARY KEY,
      events INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Days in UTC since 1970-01-01 on which identities merged or came apart.
    CREATE TABLE days (
      day INTEGER PRIMARY KEY,
      merges INTEGER NOT NULL,
      splits INTEGER NOT NULL
    ) STRICT;`,

  open(db) {
    const sql = statements(db)
    const types = new Map<LedgerEvent['type'], number>()
    const days = new Map<number, { merges: number; splits: number }>()
    const forget = () => {
      types.clear()
      days.clear()
    }

    return {
      hear({ event: { type }, recordedAt }) {
        types.set(type, (types.get(type) ?? 0) + 1)
        if (type !== 'ContactsMerged' && type !== 'ContactsSplit') return
        const day = Math.floor(recordedAt / dayLength)
        const { merges, splits } = days.get(day) ?? { merges: 0, splits: 0 }
        const merge = type === 'ContactsMerged' ? 1 : 0
        days.set(day, { merges: merges + merge, splits: splits + 1 - merge })
      },

      flush() {
        for (const [type, events] of types) sql.count.run(type, events)
        for (const [day, { merges, splits }] of days) sql.countDay.run(day, merges, splits)
        forget()
      },

      forget
    }
  }
}
