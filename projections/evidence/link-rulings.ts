import type Database from 'better-sqlite3'
import type { IdentifierNumber, Position } from '../../src/domain/event.ts'
import type { Values } from '../../src/domain/graph.ts'
import { type LinkDecision, ruledBy, unruled } from '../../src/domain/ruling.ts'
import type { Sharing } from './sharing.ts'

type Row = {
  readonly forbidden: 0 | 1
  readonly allowedSince: Position | 0
  readonly asserted: Position | 0
}

type Ends = { readonly one: IdentifierNumber; readonly other: IdentifierNumber }

const statements = (db: Database.Database) => ({
  rule: db.prepare<[Row & Ends], void>(/* sql */ `
    INSERT INTO rulings (one, other, forbidden, allowed_since, asserted)
    VALUES (:one, :other, :forbidden, :allowedSince, :asserted)
    ON CONFLICT DO UPDATE
    SET forbidden = :forbidden, allowed_since = :allowedSince, asserted = :asserted`),
  ruling: db.prepare<[number, number], Row>(/* sql */ `
    SELECT forbidden, allowed_since AS allowedSince, asserted
    FROM rulings
    WHERE one = ? AND other = ?`),
  together: db.prepare<[Ends], Values>(/* sql */ `
    SELECT email, phone_number AS phoneNumber
    FROM pairs
    WHERE first > 0
      AND ((email = :one AND phone_number = :other) OR (email = :other AND phone_number = :one))`),
  contest: db.prepare<[number], void>(/* sql */ `
    UPDATE identifiers
    SET contested = EXISTS (
      SELECT 1
      FROM rulings
      WHERE one = identifiers.number AND forbidden = 1)
    WHERE number = ?`)
})

/** Keeps what was decided on links. */
export function linkRulings(db: Database.Database, counts: Sharing) {
  const sql = statements(db)
  return (
    one: IdentifierNumber,
    other: IdentifierNumber,
    type: LinkDecision,
    position: Position
  ) => {
    const row = sql.ruling.get(one, other)
    const before =
      row === undefined ? unruled(other) : { ...row, to: other, forbidden: row.forbidden === 1 }
    const { forbidden, allowedSince, asserted } = ruledBy(before, type, position)
    const after = { forbidden: forbidden ? 1 : 0, allowedSince, asserted } as const
    sql.rule.run({ one, other, ...after })
    sql.rule.run({ one: other, other: one, ...after })
    for (const end of [one, other]) sql.contest.run(end)
    const seen = sql.together.get({ one, other })
    if (seen === undefined || before.forbidden === forbidden) return
    if (forbidden) counts.ended(seen)
    else counts.began(seen)
  }
}
