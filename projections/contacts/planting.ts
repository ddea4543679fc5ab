import type { Position } from '../../src/domain/event.ts'
import { type Graph, liveLinks } from '../../src/domain/graph.ts'
import { type Group, hidesAny, oldestLive, type Standing } from '../../src/domain/groups.ts'
import { lone, type Node, type Tree } from './forest.ts'

/** A tree without the time of its edge, which follows from the position. */
export type Planted = Omit<Tree, 'joinedAt'>

/** The tree of a group, by nodes: its links join it in the order in which they came to be live. */
export function planted(group: Group, graph: Graph): Map<Node, Planted> {
  const root = { oldest: oldestLive(group)?.id ?? null, hides: hidesAny(group) ? 1 : 0 } as const
  if (group.alone !== null) {
    const [first] = group.contacts
    return new Map(first && [[first.id, { ...lone(first.id), ...root }]])
  }
  const trees = new Map<Node, Planted>()
  for (const one of group.identifiers) trees.set(-one, lone(-one))
  const rootOf = (node: Node): Planted => {
    let root = trees.get(node) as Planted
    while (root.parent !== null) root = trees.get(root.parent) as Planted
    return root
  }
  for (const { from, to, since } of linksOf(group, graph)) {
    const [a, b] = [rootOf(-from), rootOf(-to)]
    if (a === b) continue
    const [top, below] = a.rank >= b.rank ? [a, b] : [b, a]
    if (a.rank === b.rank) trees.set(top.node, { ...top, rank: top.rank + 1 })
    trees.set(below.node, { ...below, parent: top.node, joined: since })
  }
  for (const tree of trees.values()) {
    if (tree.parent === null) trees.set(tree.node, { ...tree, ...root })
  }
  return trees
}

/** The node of a contact: its home's, or that of the oldest one with the same values alone. */
export function nodeOf({ contacts }: Group, { home, id }: Standing): Node {
  return typeof home === 'number' ? -home : (contacts[0]?.id ?? id)
}

/**
 * The live links within a group, each once, in the order in which they came to be live; those of one
 * position by their ends, so that a tree is much as it was before when most of its links are.
 */
function linksOf({ identifiers }: Group, graph: Graph) {
  const links: { readonly from: number; readonly to: number; readonly since: Position }[] = []
  for (const from of identifiers) {
    for (const { to, since } of liveLinks(graph, from)) {
      if (to > from) links.push({ from, to, since })
    }
  }
  return links.sort((a, b) => a.since - b.since || a.from - b.from || a.to - b.to)
}
