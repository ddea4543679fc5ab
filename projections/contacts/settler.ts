import type Database from 'better-sqlite3'
import type { Position, Timestamp } from '../../src/domain/event.ts'
import type { SettledRows } from '../../src/settlement.ts'

/** Rows of a settlement, and the event that it is of. */
type Rows = [{ readonly rows: string; readonly position: Position; readonly at: Timestamp }]

const statements = (db: Database.Database) => ({
  flip: db.prepare<Rows, void>(/* sql */ `
    INSERT INTO abilities (identifier, position, able)
    SELECT value ->> 0, :position, value ->> 1
    FROM json_each(:rows)`),
  ableSince: db.prepare<Rows, void>(/* sql */ `
    UPDATE identifiers
    SET able_since = :position
    FROM json_each(:rows) AS row
    WHERE identifiers.number = row.value ->> 0 AND row.value ->> 1 = 1`),
  fell: db.prepare<Rows, void>(/* sql */ `
    DELETE FROM merge_forest
    WHERE node IN (SELECT value ->> 0 FROM json_each(:rows))`),
  plant: db.prepare<Rows, void>(/* sql */ `
    INSERT INTO merge_forest (node, parent, joined, joined_at, rank, oldest, hides)
    SELECT
      value ->> 0, value ->> 1, iif(value ->> 2 = 0, :position, value ->> 2),
      iif(value ->> 2 = 0, :at, value ->> 3), value ->> 4, value ->> 5, value ->> 6
    FROM json_each(:rows)
    WHERE true
    ON CONFLICT DO UPDATE
    SET
      parent = excluded.parent, joined = excluded.joined, joined_at = excluded.joined_at,
      rank = excluded.rank, oldest = excluded.oldest, hides = excluded.hides`),
  place: db.prepare<Rows, void>(/* sql */ `
    UPDATE identifiers
    SET node = row.value ->> 1, came = 0, plain = row.value ->> 2
    FROM json_each(:rows) AS row
    WHERE identifiers.number = row.value ->> 0`),
  move: db.prepare<Rows, void>(/* sql */ `
    UPDATE minted
    SET node = row.value ->> 1, hidden = row.value ->> 2
    FROM json_each(:rows) AS row
    WHERE minted.id = row.value ->> 0`),
  settle: db.prepare<Rows, void>(/* sql */ `
    UPDATE minted
    SET
      settled = :position,
      updated_at = coalesce(row.value ->> 1, max(created_at, :at)),
      withdrawn_at = iif(row.value ->> 2, NULL, coalesce(withdrawn_at, :at))
    FROM json_each(:rows) AS row
    WHERE minted.id = row.value ->> 0`),
  remember: db.prepare<Rows, void>(/* sql */ `
    INSERT INTO settlements (contact, position, updated_at, withdrawn_at)
    SELECT minted.id, :position, updated_at, withdrawn_at
    FROM json_each(:rows) AS row
    CROSS JOIN minted ON minted.id = row.value ->> 0`)
})

/** What is written by which statement, in their order. */
const order = [
  ['abilities', 'flip'],
  ['abilities', 'ableSince'],
  ['felled', 'fell'],
  ['trees', 'plant'],
  ['places', 'place'],
  ['moves', 'move'],
  ['settled', 'settle'],
  ['settled', 'remember']
] as const

/**
 * Tells the writes of settlements, to be done one after another once the event was taken; but for sizes, which
 * are kept in memory.
 */
export function settler(db: Database.Database) {
  const sql = statements(db)
  return (rows: SettledRows, { position, recordedAt: at }: SettledBy): (() => void)[] =>
    order.flatMap(([kind, statement]) =>
      rows[kind].map((text) => () => void sql[statement].run({ rows: text, position, at }))
    )
}

/** The event that rows are settled by. */
type SettledBy = { readonly position: Position; readonly recordedAt: Timestamp }
