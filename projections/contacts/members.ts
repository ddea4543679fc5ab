import type Database from 'better-sqlite3'
import type { Member } from '../../src/domain/answer.ts'
import { jsonRows } from '../json-rows.ts'
import { emailBit, phoneBit } from '../value-bits.ts'
import type { Node } from './forest.ts'

/** A contact as a `Member` in JSON. */
const member = /* sql */ `
  json_object(
    'id', minted.id,
    'email', iif(minted.hidden & ${emailBit}, NULL, email.value),
    'phoneNumber', iif(minted.hidden & ${phoneBit}, NULL, phone.value))`

const values = /* sql */ `
  LEFT JOIN identifiers AS email ON email.number = minted.email
  LEFT JOIN identifiers AS phone ON phone.number = minted.phone_number`

const statements = (db: Database.Database) => ({
  /** The live contacts of nodes that never merged, each with its node. */
  alone: jsonRows<[string], [Node, Member]>(
    db,
    `json_array(minted.node, ${member})`,
    /* sql */ `
      FROM json_each(?) AS wanted
      CROSS JOIN minted ON minted.node = wanted.value
      ${values}
      WHERE minted.withdrawn_at IS NULL`
  ),
  /** Those of one such node. */
  at: jsonRows<[number], Member>(
    db,
    member,
    /* sql */ `
      FROM minted
      ${values}
      WHERE minted.node = ? AND minted.withdrawn_at IS NULL`
  ),
  /** Those of everything below a root of the merge forest. */
  merged: jsonRows<[number], Member>(
    db,
    member,
    /* sql */ `
      FROM (
        WITH RECURSIVE below (node) AS (
          VALUES (?)
          UNION ALL
          SELECT merge_forest.node
          FROM below
          JOIN merge_forest ON merge_forest.parent = below.node
        )
        SELECT node FROM below
      ) AS below
      CROSS JOIN minted ON minted.node = below.node
      ${values}
      WHERE minted.withdrawn_at IS NULL`
  )
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
  const below = (root: Node) => oldestFirst(sql.merged(root))
  return {
    at: (node) => oldestFirst(sql.at(node)),
    below,

    of(roots) {
      const alone = [...roots].flatMap(([root, merged]) => (merged ? [] : [root]))
      const found = new Map<Node, Member[]>(alone.map((root) => [root, []]))
      for (const [node, member] of sql.alone(JSON.stringify(alone))) found.get(node)?.push(member)
      for (const contacts of found.values()) oldestFirst(contacts)
      for (const [root, merged] of roots) if (merged) found.set(root, below(root))
      return found
    }
  }
}

function oldestFirst(contacts: Member[]): Member[] {
  return contacts.sort((a, b) => a.id - b.id)
}
