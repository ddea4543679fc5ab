import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../../src/domain/event.ts'
import type { Values } from '../../src/domain/graph.ts'
import type { Kind } from '../../src/domain/identifier.ts'
import { isBeingFilled } from '../indexes.ts'

/** Of an identifier that is shared with so many others and more a row tells with how many. */
export const widely = 4

const others = (own: 'email' | 'phone_number', other: 'email' | 'phone_number') => /* sql */ `
  SELECT count(*)
  FROM pairs
  WHERE ${own} = identifiers.number AND ${other} > 0 AND first > 0 AND (
    identifiers.contested = 0 OR NOT EXISTS (
      SELECT 1
      FROM rulings
      WHERE one = identifiers.number AND other = pairs.${other} AND forbidden = 1))`

/** With how many others live observations show an identifier of the table `identifiers`, in SQL. */
export const sharingOf = /* sql */ `
  coalesce(
    (SELECT others FROM sharing WHERE identifier = identifiers.number),
    iif(
      identifiers.kind = 'email',
      (${others('email', 'phone_number')}),
      (${others('phone_number', 'email')})))`

/** With how many at most: by one look, which is exact for those that are shared with many. */
export const sharingAtMost = /* sql */ `
  coalesce((SELECT others FROM sharing WHERE identifier = identifiers.number), ${widely - 1})`

/** Counts all at once, for a database that is filled and holds no decision. */
export const countAll = /* sql */ `
  DELETE FROM sharing;
  INSERT INTO sharing (identifier, kind, others)
  SELECT email, 'email', count(*)
  FROM pairs
  WHERE email > 0 AND phone_number > 0
  GROUP BY email
  HAVING count(*) >= ${widely}
  UNION ALL
  SELECT phone_number, 'phone', count(*)
  FROM pairs
  WHERE email > 0 AND phone_number > 0
  GROUP BY phone_number
  HAVING count(*) >= ${widely};`

/**
 * How many pairs an identifier was ever seen in, up to `widely`: an index tells, beside the entry that was
 * just written, and only of those with enough of them each pair is looked at.
 */
const everPaired = (column: 'email' | 'phone_number') => /* sql */ `
  SELECT count(*)
  FROM (SELECT 1 FROM pairs WHERE ${column} = ? LIMIT ${widely})`

const statements = (db: Database.Database) => ({
  count: db.prepare<[number, number], void>(/* sql */ `
    UPDATE sharing
    SET others = others + ?
    WHERE identifier = ?`),
  email: db.prepare<[number], number>(everPaired('email')).pluck(),
  phone: db.prepare<[number], number>(everPaired('phone_number')).pluck(),
  begin: db.prepare<[number], void>(/* sql */ `
    INSERT INTO sharing (identifier, kind, others)
    SELECT number, kind, others
    FROM (SELECT number, kind, ${sharingOf} AS others FROM identifiers WHERE number = ?)
    WHERE others >= ${widely}`),
  end: db.prepare<[number], void>(/* sql */ `
    DELETE FROM sharing
    WHERE identifier = ? AND others = ${widely}`)
})

/**
 * Counts with how many others live observations show identifiers, where these are many. Told of a pair
 * once that is on record.
 */
export type Sharing = {
  /** A pair came to be live. Its ends in `fresh` were never seen before, so with nobody else. */
  began(pair: Values, fresh?: readonly IdentifierNumber[]): void
  /** A pair ceased to be live. */
  ended(pair: Values): void
}

export function sharing(db: Database.Database): Sharing {
  const sql = statements(db)

  const oneMore = (identifier: IdentifierNumber, kind: Kind) => {
    if (sql.count.run(1, identifier).changes === 1) return
    if (sql[kind].get(identifier) === widely) sql.begin.run(identifier)
  }

  return {
    began({ email, phoneNumber }, fresh = []) {
      if (isBeingFilled(db)) return
      if (!fresh.includes(email)) oneMore(email, 'email')
      if (!fresh.includes(phoneNumber)) oneMore(phoneNumber, 'phone')
    },

    ended({ email, phoneNumber }) {
      for (const end of [email, phoneNumber]) {
        if (sql.end.run(end).changes === 0) sql.count.run(-1, end)
      }
    }
  }
}
