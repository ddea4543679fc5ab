import type Database from 'better-sqlite3'
import type { Member } from '../../src/domain/answer.ts'
import { rowsIn } from '../rows-as-text.ts'
import type { Node } from './forest.ts'

/** A contact as a `Member` in JSON. */
const member = /* sql */ `
  json_object(
    'id', minted.id,
    'email', iif(minted.hidden & 1, NULL, email.value),
    'phoneNumber', iif(minted.hidden & 2, NULL, phone.value))`

const values = /* sql */ `
  LEFT JOIN identifiers AS email ON email.number = minted.email
  LEFT JOIN identifiers AS phone ON phone.number = minted.phone_number`

const statements = (db: Database.Database) => ({
  /** Those of nodes that never merged, each with its node. */
  alone: db
    .prepare<[string], string>(/* sql */ `
      SELECT json_group_array(json_array(minted.node, ${member}))
      FROM json_each(?) AS wanted
      CROSS JOIN minted ON minted.node = wanted.value
      ${values}
      WHERE minted.withdrawn_at IS NULL`)
    .pluck(),
  /** Those of one such node. */
  at: db
    .prepare<[number], string>(/* sql */ `
      SELECT json_group_array(${member})
      FROM minted
      ${values}
      WHERE minted.node = ? AND minted.withdrawn_at IS NULL`)
    .pluck(),
  /** Those of everything below a root of the merge forest. */
  merged: db
    .prepare<[number], string>(/* sql */ `
      WITH RECURSIVE below (node) AS (
        VALUES (?)
        UNION ALL
        SELECT merge_forest.node
        FROM below
        JOIN merge_forest ON merge_forest.parent = below.node
      )
      SELECT json_group_array(${member})
      FROM below
      CROSS JOIN minted ON minted.node = below.node
      ${values}
      WHERE minted.withdrawn_at IS NULL`)
    .pluck()
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
  const below = (root: Node) => oldestFirst(rowsIn<Member>(sql.merged.get(root)))
  return {
    at: (node) => oldestFirst(rowsIn<Member>(sql.at.get(node))),
    below,

    of(roots) {
      const alone = [...roots].flatMap(([root, merged]) => (merged ? [] : [root]))
      const found = new Map<Node, Member[]>(alone.map((root) => [root, []]))
      const rows = rowsIn<[Node, Member]>(sql.alone.get(JSON.stringify(alone)))
      for (const [node, member] of rows) found.get(node)?.push(member)
      for (const contacts of found.values()) oldestFirst(contacts)
      for (const [root, merged] of roots) if (merged) found.set(root, below(root))
      return found
    }
  }
}

function oldestFirst(contacts: Member[]): Member[] {
  return contacts.sort((a, b) => a.id - b.id)
}
