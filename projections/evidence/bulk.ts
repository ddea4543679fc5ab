import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../../src/domain/event.ts'
import type { Bulk } from '../../src/domain/graph.ts'
import type { Ruling } from '../../src/domain/ruling.ts'
import { jsonRows } from '../json-rows.ts'
import { pairRowsOfMany } from './pair-rows.ts'
import { sharingOf } from './sharing.ts'
import { type RulingRow, rulingOf, type StateRow, stateOf } from './state-rows.ts'

const pairs = (end: 'email' | 'phone_number') => /* sql */ `
  SELECT
    asked.value AS one,
    pairs.email AS email, pairs.phone_number AS phone_number, pairs.first AS first,
    minted.id AS contact, minted.introduced AS introduced, minted.retracted AS retracted
  FROM json_each(:of) AS asked
  CROSS JOIN pairs ON pairs.${end} = asked.value
  LEFT JOIN minted
    ON minted.email = pairs.email AND minted.phone_number = pairs.phone_number`

const statements = (db: Database.Database) => ({
  states: jsonRows<[{ of: string }], StateRow>(
    db,
    /* sql */ `json_object(
      'number', number, 'kind', kind, 'value', identifiers.value, 'blocked', blocked,
      'sharing', ${sharingOf}, 'ableSince', able_since)`,
    /* sql */ `
      FROM json_each(:of) AS asked
      CROSS JOIN identifiers ON number = asked.value`
  ),
  pairs: pairRowsOfMany<[{ of: string }]>(
    db,
    /* sql */ `
      ${pairs('email')}
      UNION ALL
      ${pairs('phone_number')}`
  ),
  rulings: db.prepare<[{ of: string }], RulingRow & { one: IdentifierNumber }>(/* sql */ `
    SELECT one, other AS "to", forbidden, allowed_since AS allowedSince, asserted
    FROM json_each(:of) AS asked
    CROSS JOIN rulings ON one = asked.value`)
})

/** Reads the evidence around many identifiers by one statement a question. */
export function bulkIn(db: Database.Database): Bulk {
  const sql = statements(db)
  const asked = (of: readonly IdentifierNumber[]) => ({ of: JSON.stringify(of) })
  return {
    states: (of) => new Map(sql.states(asked(of)).map((row) => [row.number, stateOf(row)])),
    pairs: (of) => sql.pairs(asked(of)),
    rulings(of) {
      const rulings = new Map<IdentifierNumber, Ruling[]>()
      for (const { one, ...row } of sql.rulings.iterate(asked(of))) {
        const found = rulings.get(one)
        if (found === undefined) rulings.set(one, [rulingOf(row)])
        else found.push(rulingOf(row))
      }
      return rulings
    }
  }
}
