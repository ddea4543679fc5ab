import type { ContactId, Timestamp } from '../../src/domain/event.ts'
import type { Moment } from '../../src/domain/explain.ts'
import { memoized } from '../../src/domain/remembering.ts'
import { lone, type Node, pathIn, type Tree } from './forest.ts'
import type { ContactOnRecord } from './on-record.ts'

/** The oldest live contact of a node's tree, and when the node came to be joined with that contact's. */
export type Linkage = { readonly oldest: ContactId | null; readonly joined: Moment | null }

/** Tells the linkage of nodes in trees; `nodeOf` says where an oldest contact stands. */
export function linkages(
  trees: ReadonlyMap<Node, Tree>,
  nodeOf: (oldest: ContactId) => Node
): (node: Node) => Linkage {
  const tree = (node: Node) => trees.get(node) ?? lone(node)
  return memoized((node: Node): Linkage => {
    let root = tree(node)
    while (root.parent !== null) root = tree(root.parent)
    const { oldest } = root
    const path = oldest === null ? [] : [...pathIn(tree, node, nodeOf(oldest))]
    return { oldest, joined: path.at(-1) ?? null }
  })
}

/** What the view `linked` shows of a contact with this linkage. */
export function shownOf(
  { id, createdAt, settled, updatedAt }: ContactOnRecord,
  { oldest, joined }: Linkage
): { readonly linkedId: ContactId | null; readonly updatedAt: Timestamp } {
  const since = joined !== null && joined.position > settled ? joined.time : null
  return {
    linkedId: oldest === id ? null : oldest,
    updatedAt: since === null ? updatedAt : Math.max(createdAt, since)
  }
}
