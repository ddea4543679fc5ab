import type Database from 'better-sqlite3'
import type { Evidence } from '../../src/domain/graph.ts'
import { sharingOf, widely } from './sharing.ts'

/** Those seen in enough pairs, and of these those that are shared with enough others. */
const among = (pairs: 'email' | 'phone_number') => /* sql */ `
  SELECT number
  FROM (
    SELECT number, ${sharingOf} AS others
    FROM (
      SELECT ${pairs} AS seen
      FROM pairs
      WHERE email > 0 AND phone_number > 0
      GROUP BY ${pairs}
      HAVING count(*) > :above)
    CROSS JOIN identifiers ON number = seen)
  WHERE others BETWEEN :above + 1 AND :upTo`

type Asked = { readonly above: number; readonly upTo: number }

const statements = (db: Database.Database) => ({
  many: db
    .prepare<[Asked & { readonly kind: string }], number>(/* sql */ `
      SELECT identifier
      FROM sharing
      WHERE kind = :kind AND others > :above AND others <= :upTo`)
    .pluck(),
  email: db.prepare<[Asked], number>(among('email')).pluck(),
  phone: db.prepare<[Asked], number>(among('phone_number')).pluck()
})

/** Finds who is shared with more than so many: by an index where these are many, else among all pairs. */
export function sharedIn(db: Database.Database): Evidence['shared'] {
  const sql = statements(db)
  return (kind, above, upTo) => {
    const bounds = { above: bounded(above), upTo: bounded(upTo) }
    return above >= widely - 1 ? sql.many.all({ kind, ...bounds }) : sql[kind].all(bounds)
  }
}

/** Infinity as SQLite can have it, with room for one more. */
function bounded(others: number): number {
  return Math.min(others, Number.MAX_SAFE_INTEGER - 1)
}
