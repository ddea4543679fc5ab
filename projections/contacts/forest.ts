import type Database from 'better-sqlite3'
import type { ContactId, Position, Timestamp } from '../../src/domain/event.ts'
import type { Moment } from '../../src/domain/explain.ts'

/** A node of the merge forest, named by the first contact of its identity. */
export type Tree = {
  readonly identity: ContactId
  readonly parent: ContactId | null
  readonly joined: Position | null
  readonly joinedAt: Timestamp | null
  readonly rank: number
  /** The primary, at a root. */
  readonly oldest: ContactId
}

/** The merge forest in a table: the same as the domain's, an edge a row. */
export type Forest = {
  /** The root of a node's tree. An identity that never merged has no row, and is its own root. */
  rootOf(identity: ContactId): Tree
  /** Joins the trees of two roots. */
  join(a: Tree, b: Tree, position: Position, at: Timestamp): void
  /** The edges between two nodes of one tree, in the order of their positions. */
  path(a: ContactId, b: ContactId): Iterable<Moment>
}

const statements = (db: Database.Database) => ({
  tree: db.prepare<[number], Tree>(/* sql */ `
    SELECT identity, parent, joined, joined_at AS joinedAt, rank, oldest
    FROM merge_forest
    WHERE identity = ?`),
  put: db.prepare<[Tree], void>(/* sql */ `
    INSERT INTO merge_forest (identity, parent, joined, joined_at, rank, oldest)
    VALUES (:identity, :parent, :joined, :joinedAt, :rank, :oldest)
    ON CONFLICT DO UPDATE
    SET parent = :parent, joined = :joined, joined_at = :joinedAt, rank = :rank, oldest = :oldest`)
})

export function forest(db: Database.Database): Forest {
  const sql = statements(db)

  const tree = (identity: ContactId): Tree =>
    sql.tree.get(identity) ?? {
      identity,
      parent: null,
      joined: null,
      joinedAt: null,
      rank: 0,
      oldest: identity
    }

  return {
    rootOf(identity) {
      let root = tree(identity)
      while (root.parent !== null) root = tree(root.parent)
      return root
    },

    join(a, b, joined, joinedAt) {
      const [top, below] = a.rank >= b.rank ? [a, b] : [b, a]
      const rank = a.rank === b.rank ? top.rank + 1 : top.rank
      sql.put.run({ ...top, rank, oldest: Math.min(a.oldest, b.oldest) })
      sql.put.run({ ...below, parent: top.identity, joined, joinedAt })
    },

    *path(from, to) {
      let [a, b] = [tree(from), tree(to)]
      while (a.identity !== b.identity) {
        const edge = (a.joined ?? Infinity) < (b.joined ?? Infinity) ? a : b
        const { parent, joined: position, joinedAt: time } = edge
        if (parent === null || position === null || time === null) {
          throw new Error(`identities ${from} and ${to} never merged`)
        }
        yield { position, time }
        if (edge === a) a = tree(parent)
        else b = tree(parent)
      }
    }
  }
}
