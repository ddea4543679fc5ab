import type Database from 'better-sqlite3'
import type { ContactId, Position, Timestamp } from '../../src/domain/event.ts'
import type { Moment } from '../../src/domain/explain.ts'

/** A node of the merge forest: a contact's id where an identity began, else a negative number. */
export type Node = number

/** A node's row: an edge to its parent, or a root. */
export type Tree = {
  readonly node: Node
  readonly parent: Node | null
  readonly joined: Position | null
  readonly joinedAt: Timestamp | null
  readonly rank: number
  /** The oldest live contact, at a root. */
  readonly oldest: ContactId | null
  /** Whether withdrawn contacts or unlisted values stand below, at a root: a merge may show them. */
  readonly hides: 0 | 1
}

/**
 * Disjoint sets that remember when they were joined: union by rank, without path compression, each
 * edge stamped with the position that made it (a partially persistent union–find). A join writes two
 * rows whatever the sizes; finding a root, or when two nodes were joined, reads O(log n) of them.
 */
export type Forest = {
  /** The root of a node's tree. An identity that never merged has no row, and is its own root. */
  rootOf(node: Node): Tree
  /** Joins the trees of two roots. */
  join(a: Tree, b: Tree, position: Position, at: Timestamp): void
  /** The edges between two nodes of one tree, in the order of their positions. */
  path(a: Node, b: Node): Iterable<Moment>
}

const statements = (db: Database.Database) => ({
  tree: db.prepare<[number], Tree>(/* sql */ `
    SELECT node, parent, joined, joined_at AS joinedAt, rank, oldest, hides
    FROM merge_forest
    WHERE node = ?`),
  put: db.prepare<[Tree], void>(/* sql */ `
    INSERT INTO merge_forest (node, parent, joined, joined_at, rank, oldest, hides)
    VALUES (:node, :parent, :joined, :joinedAt, :rank, :oldest, :hides)
    ON CONFLICT DO UPDATE
    SET
      parent = :parent, joined = :joined, joined_at = :joinedAt, rank = :rank, oldest = :oldest,
      hides = :hides`)
})

export function forest(db: Database.Database): Forest {
  const sql = statements(db)
  const tree = (node: Node): Tree => sql.tree.get(node) ?? lone(node)

  return {
    rootOf(node) {
      let root = tree(node)
      while (root.parent !== null) root = tree(root.parent)
      return root
    },

    join(a, b, joined, joinedAt) {
      const [top, below] = a.rank >= b.rank ? [a, b] : [b, a]
      const rank = a.rank === b.rank ? top.rank + 1 : top.rank
      const hides = a.hides === 1 ? 1 : b.hides
      sql.put.run({ ...top, rank, oldest: older(a.oldest, b.oldest), hides })
      sql.put.run({ ...below, parent: top.node, joined, joinedAt })
    },

    path: (from, to) => pathIn(tree, from, to)
  }
}

/** The edges between two nodes of one tree, in the order of their positions. */
export function* pathIn(tree: (node: Node) => Tree, from: Node, to: Node): Iterable<Moment> {
  let [a, b] = [tree(from), tree(to)]
  while (a.node !== b.node) {
    const edge = (a.joined ?? Infinity) < (b.joined ?? Infinity) ? a : b
    const { parent, joined: position, joinedAt: time } = edge
    if (parent === null || position === null || time === null) {
      throw new Error(`nodes ${from} and ${to} were never joined`)
    }
    yield { position, time }
    if (edge === a) a = tree(parent)
    else b = tree(parent)
  }
}

/** Whether a tree is as it was; the time of its edge follows from the position. */
export function sameTree(one: Tree | undefined, other: Tree): boolean {
  return (
    one?.parent === other.parent &&
    one.joined === other.joined &&
    one.rank === other.rank &&
    one.oldest === other.oldest &&
    one.hides === other.hides
  )
}

/** Whether a root has a row: one has none where an identity began and never merged. */
export function hasRow({ node, rank }: Tree): boolean {
  return rank > 0 || node < 0
}

/** A node that never merged. */
export function lone(node: Node): Tree {
  const oldest = node > 0 ? node : null
  return { node, parent: null, joined: null, joinedAt: null, rank: 0, oldest, hides: 0 }
}

function older(a: ContactId | null, b: ContactId | null): ContactId | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}
