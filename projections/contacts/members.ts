import type Database from 'better-sqlite3'
import type { Member } from '../../src/domain/answer.ts'
import type { ContactId } from '../../src/domain/event.ts'
import type { Node } from './forest.ts'

type Row = [node: Node, id: ContactId, email: string | null, phoneNumber: string | null]

const shown = /* sql */ `
  minted.node, minted.id,
  iif(minted.hidden & 1, NULL, email.value), iif(minted.hidden & 2, NULL, phone.value)`

const values = /* sql */ `
  LEFT JOIN identifiers AS email ON email.number = minted.email
  LEFT JOIN identifiers AS phone ON phone.number = minted.phone_number`

const statements = (db: Database.Database) => ({
  /** The live contacts of nodes that never merged, each oldest first. */
  alone: db
    .prepare<[string], Row>(/* sql */ `
      SELECT ${shown}
      FROM json_each(?) AS wanted
      CROSS JOIN minted ON minted.node = wanted.value
      ${values}
      WHERE minted.withdrawn_at IS NULL
      ORDER BY minted.id`)
    .raw(),
  /** The live contacts of one such node, oldest first. */
  at: db
    .prepare<[number], Row>(/* sql */ `
      SELECT ${shown}
      FROM minted
      ${values}
      WHERE minted.node = ? AND minted.withdrawn_at IS NULL
      ORDER BY minted.id`)
    .raw(),
  /** The live contacts of everything below a root of the merge forest, oldest first. */
  merged: db
    .prepare<[number], Row>(/* sql */ `
      WITH RECURSIVE below (node) AS (
        VALUES (?)
        UNION ALL
        SELECT merge_forest.node
        FROM below
        JOIN merge_forest ON merge_forest.parent = below.node
      )
      SELECT ${shown}
      FROM below
      CROSS JOIN minted ON minted.node = below.node
      ${values}
      WHERE minted.withdrawn_at IS NULL
      ORDER BY minted.id`)
    .raw()
})

/** The live contacts of identities, oldest first. */
export type Members = {
  /** Those of a node that never merged. */
  at(node: Node): Member[]
  /** Those of everything below a root. */
  below(root: Node): Member[]
  /** The live contacts of each root, oldest first. `roots` tells of each whether it ever merged. */
  of(roots: ReadonlyMap<Node, boolean>): Map<Node, Member[]>
}

export function members(db: Database.Database): Members {
  const sql = statements(db)
  const member = ([, id, email, phoneNumber]: Row): Member => ({ id, email, phoneNumber })
  const below = (root: Node) => sql.merged.all(root).map(member)
  return {
    at: (node) => sql.at.all(node).map(member),
    below,

    of(roots) {
      const alone = [...roots].flatMap(([root, merged]) => (merged ? [] : [root]))
      const found = new Map<Node, Member[]>(alone.map((root) => [root, []]))
      for (const row of sql.alone.all(JSON.stringify(alone))) found.get(row[0])?.push(member(row))
      for (const [root, merged] of roots) if (merged) found.set(root, below(root))
      return found
    }
  }
}
