import type Database from 'better-sqlite3'
import type { Decision, IdentifierNumber, Position } from '../../src/domain/event.ts'
import { firstOf, type Graph } from '../../src/domain/graph.ts'
import type { Identifier } from '../../src/domain/identifier.ts'
import { type LinkDecision, type Ruling, ruledBy, unruled } from '../../src/domain/ruling.ts'
import { pairRows, unseen } from './pair-rows.ts'

type PastStateRow = Identifier & {
  readonly able: 0 | 1 | null
  readonly ableSince: Position | null
  readonly latest: Decision['type'] | null
}

type Decided = {
  readonly position: Position
  readonly type: LinkDecision
  readonly to: IdentifierNumber
}

/** Whether an observation had been made and counted then. */
const countedThen = 'position <= :at AND (retracted IS NULL OR retracted > :at)'

/** Pairs with their first live observation then, once for each contact minted until then. */
const pairs = /* sql */ `
  SELECT
    pairs.email AS email, pairs.phone_number AS phone_number,
    coalesce(
      (
        SELECT position
        FROM observations
        WHERE position = coalesce(pairs.earliest, pairs.first) AND ${countedThen}),
      (
        SELECT position
        FROM observations
        WHERE repeats = 1 AND email = pairs.email AND phone_number = pairs.phone_number
          AND ${countedThen}
        ORDER BY position
        LIMIT 1),
      0) AS first,
    minted.id AS contact, minted.introduced AS introduced,
    coalesce(own.retracted <= :at, 0) AS retracted
  FROM pairs
  LEFT JOIN minted
    ON minted.email = pairs.email AND minted.phone_number = pairs.phone_number
      AND minted.position <= :at
  LEFT JOIN observations AS own ON own.position = minted.position`

const statements = (db: Database.Database) => ({
  state: db.prepare<[{ of: number; at: number }], PastStateRow>(/* sql */ `
    SELECT
      number, kind, value,
      (
        SELECT able
        FROM abilities
        WHERE identifier = number AND position <= :at
        ORDER BY position DESC
        LIMIT 1
      ) AS able,
      (
        SELECT max(position)
        FROM abilities
        WHERE identifier = number AND position <= :at
      ) AS ableSince,
      (
        SELECT type
        FROM decisions
        WHERE one = number AND position <= :at
          AND type IN ('IdentifierBlocked', 'IdentifierUnblocked')
        ORDER BY position DESC
        LIMIT 1
      ) AS latest
    FROM identifiers
    WHERE number = :of`),
  limit: db
    .prepare<[string, number], number | null>(/* sql */ `
      SELECT sharing_limit
      FROM decisions
      WHERE kind = ? AND position <= ?
      ORDER BY position DESC
      LIMIT 1`)
    .pluck(),
  pairsOf: pairRows<[{ of: number; at: number }]>(
    db,
    /* sql */ `
      ${pairs} WHERE pairs.email = :of
      UNION ALL
      ${pairs} WHERE pairs.phone_number = :of`
  ),
  pair: pairRows<[{ email: number; phoneNumber: number; at: number }]>(
    db,
    /* sql */ `${pairs} WHERE pairs.email = :email AND pairs.phone_number = :phoneNumber`
  ),
  rulings: db.prepare<[{ of: number; at: number }], Decided>(/* sql */ `
    SELECT position, type, other AS "to"
    FROM decisions
    WHERE one = :of AND other IS NOT NULL AND position <= :at
    UNION ALL
    SELECT position, type, one AS "to"
    FROM decisions
    WHERE other = :of AND position <= :at
    ORDER BY position`)
})

/** The evidence in a database as it was at a position. */
export function graphsAt(db: Database.Database): (at: Position | 0) => Graph {
  const sql = statements(db)
  return (at) => {
    const pairsOf = (of: IdentifierNumber) => sql.pairsOf({ of, at })
    return {
      state(of) {
        const found = sql.state.get({ of, at })
        if (found === undefined) return null
        const { number, kind, value, able, ableSince, latest } = found
        const blocked = able === 0 && latest === 'IdentifierBlocked'
        // Of one that can't link and is not blocked it is known that it is over its limit, no more.
        const sharing = able === 0 && !blocked ? Number.POSITIVE_INFINITY : 0
        return { number, kind, value, blocked, sharing, ableSince: ableSince ?? 0 }
      },
      limit: (kind) => sql.limit.get(kind, at) ?? null,
      pairsOf,
      pair: (values) => {
        const { email, phoneNumber } = values
        return sql.pair({ email, phoneNumber, at })[0] ?? unseen(values)
      },
      carriedSince: (of) => firstOf(pairsOf(of)),
      rulingsOf: (of) => rulingsFrom(sql.rulings.all({ of, at }))
    }
  }
}

/** What holds of an identifier's links after these decisions, which come in their order. */
function rulingsFrom(decisions: readonly Decided[]): Ruling[] {
  const rulings = new Map<IdentifierNumber, Ruling>()
  for (const { position, type, to } of decisions) {
    rulings.set(to, ruledBy(rulings.get(to) ?? unruled(to), type, position))
  }
  return [...rulings.values()]
}
