import type Database from 'better-sqlite3'
import type { Evidence } from '../../src/domain/graph.ts'
import { many, sharingOf } from './sharing.ts'

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
  WHERE others > :above AND others <= :upTo`

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
  return (kind, ...bounds) => {
    const [above = 0, upTo = 0] = bounds.map((bound) => Math.min(bound, Number.MAX_SAFE_INTEGER))
    return above >= many - 1 ? sql.many.all({ kind, above, upTo }) : sql[kind].all({ above, upTo })
  }
}
