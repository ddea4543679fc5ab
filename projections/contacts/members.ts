import type Database from 'better-sqlite3'
import type { Member } from '../../src/domain/answer.ts'
import type { ContactId } from '../../src/domain/event.ts'

type Row = [identity: ContactId, id: ContactId, email: string | null, phoneNumber: string | null]

const statements = (db: Database.Database) => ({
  /** The contacts of identities that never merged, each oldest first. */
  alone: db
    .prepare<[string], Row>(/* sql */ `
      SELECT minted.identity, minted.id, email.value, phone.value
      FROM json_each(?) AS wanted
      CROSS JOIN minted ON minted.identity = wanted.value
      LEFT JOIN identifiers AS email ON email.number = minted.email
      LEFT JOIN identifiers AS phone ON phone.number = minted.phone_number
      ORDER BY minted.id`)
    .raw(),
  /** The contacts of everything below a root of the merge forest, oldest first. */
  merged: db
    .prepare<[number], Row>(/* sql */ `
      WITH RECURSIVE below (identity) AS (
        VALUES (?)
        UNION ALL
        SELECT merge_forest.identity
        FROM below
        JOIN merge_forest ON merge_forest.parent = below.identity
      )
      SELECT minted.identity, minted.id, email.value, phone.value
      FROM below
      CROSS JOIN minted ON minted.identity = below.identity
      LEFT JOIN identifiers AS email ON email.number = minted.email
      LEFT JOIN identifiers AS phone ON phone.number = minted.phone_number
      ORDER BY minted.id`)
    .raw()
})

/** The contacts of identities. */
export type Members = {
  /** The contacts of each root, oldest first. `roots` tells of each whether it ever merged. */
  of(roots: ReadonlyMap<ContactId, boolean>): Map<ContactId, Member[]>
}

export function members(db: Database.Database): Members {
  const sql = statements(db)
  return {
    of(roots) {
      const found = new Map<ContactId, Member[]>([...roots.keys()].map((root) => [root, []]))
      const alone = [...roots].flatMap(([root, merged]) => (merged ? [] : [root]))
      const add = (root: ContactId, [, id, email, phoneNumber]: Row) =>
        found.get(root)?.push({ id, email, phoneNumber })
      for (const row of sql.alone.all(JSON.stringify(alone))) add(row[0], row)
      for (const [root, merged] of roots) {
        if (merged) for (const row of sql.merged.all(root)) add(root, row)
      }
      return found
    }
  }
}
