import type Database from 'better-sqlite3'
import type { Position } from '../../src/domain/event.ts'
import type { Evidence, Observed, Values } from '../../src/domain/graph.ts'
import { lineageQueries } from '../contacts/lineage.ts'
import { bulkIn } from './bulk.ts'
import { pairRows, unseen } from './pair-rows.ts'
import { sharedIn } from './shared.ts'
import { sharingOf } from './sharing.ts'
import { type RulingRow, rulingOf, type StateRow, stateOf } from './state-rows.ts'

const pairs = /* sql */ `
  SELECT
    pairs.email AS email, pairs.phone_number AS phone_number, pairs.first AS first,
    minted.id AS contact, minted.introduced AS introduced, minted.retracted AS retracted
  FROM pairs
  LEFT JOIN minted
    ON minted.email = pairs.email AND minted.phone_number = pairs.phone_number`

const statements = (db: Database.Database) => ({
  state: db.prepare<[number], StateRow>(/* sql */ `
    SELECT number, kind, value, blocked, ${sharingOf} AS sharing, able_since AS ableSince
    FROM identifiers
    WHERE number = ?`),
  limit: db
    .prepare<[string], number | null>(/* sql */ `
      SELECT sharing_limit
      FROM decisions
      WHERE kind = ?
      ORDER BY position DESC
      LIMIT 1`)
    .pluck(),
  pairsOf: pairRows<[number, number]>(
    db,
    /* sql */ `
      ${pairs} WHERE pairs.email = ?
      UNION ALL
      ${pairs} WHERE pairs.phone_number = ?`
  ),
  pair: pairRows<[number, number]>(
    db,
    /* sql */ `${pairs} WHERE pairs.email = ? AND pairs.phone_number = ?`
  ),
  carried: db
    .prepare<[number, number], number>(/* sql */ `
      SELECT
        EXISTS (SELECT 1 FROM pairs WHERE email = ? AND first > 0)
        OR EXISTS (SELECT 1 FROM pairs WHERE phone_number = ? AND first > 0)`)
    .pluck(),
  carriedSince: db
    .prepare<[number, number], number | null>(/* sql */ `
      SELECT min(first)
      FROM (
        SELECT first FROM pairs WHERE email = ? AND first > 0
        UNION ALL
        SELECT first FROM pairs WHERE phone_number = ? AND first > 0
      )`)
    .pluck(),
  rulings: db.prepare<[number], RulingRow>(/* sql */ `
    SELECT other AS "to", forbidden, allowed_since AS allowedSince, asserted
    FROM rulings
    WHERE one = ?`),
  observation: db.prepare<[number], Omit<Observed, 'retracted'> & { retracted: 0 | 1 }>(/* sql */ `
    SELECT email, phone_number AS phoneNumber, contact, retracted IS NOT NULL AS retracted
    FROM observations
    WHERE position = ?`),
  firstBut: db
    .prepare<[Values & { readonly but: Position }], number | null>(/* sql */ `
      SELECT iif(first <> :but, first, (
        SELECT position
        FROM observations
        WHERE email = :email AND phone_number = :phoneNumber AND repeats = 1
          AND retracted IS NULL AND position <> :but
        ORDER BY position
        LIMIT 1))
      FROM pairs
      WHERE email = :email AND phone_number = :phoneNumber`)
    .pluck()
})

/** The evidence in a database, at its head. */
export function graphIn(db: Database.Database): Evidence {
  const sql = statements(db)
  return {
    state(identifier) {
      const found = sql.state.get(identifier)
      return found === undefined ? null : stateOf(found)
    },
    limit: (kind) => sql.limit.get(kind) ?? null,
    pairsOf: (identifier) => sql.pairsOf(identifier, identifier),
    pair: (values) => {
      const [found] = sql.pair(values.email, values.phoneNumber)
      return found ?? unseen(values)
    },
    carried: (identifier) => sql.carried.get(identifier, identifier) === 1,
    together: lineageQueries(db).together,
    carriedSince: (identifier) => sql.carriedSince.get(identifier, identifier) ?? 0,
    rulingsOf: (identifier) => sql.rulings.all(identifier).map(rulingOf),
    shared: sharedIn(db),
    observation(position) {
      const found = sql.observation.get(position)
      return found === undefined ? null : { ...found, retracted: found.retracted === 1 }
    },
    firstBut: ({ email, phoneNumber }, but) => sql.firstBut.get({ email, phoneNumber, but }) ?? 0,
    inBulk: bulkIn(db)
  }
}
