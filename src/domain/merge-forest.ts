import type { Position } from './event.ts'

/**
 * Disjoint sets that remember when they were joined: union by rank, without path compression, each
 * edge stamped with the position that made it (a partially persistent union–find). A join writes
 * one edge; finding a root, or when two nodes were joined, walks O(log n) edges. Nodes are positive
 * integers; an unheard one is a set of its own. Joins must come in the order of their positions.
 */
export type MergeForest = {
  readonly parent: number[]
  readonly joined: Position[]
  readonly rank: number[]
}

/** Every node a set of its own. */
export function emptyForest(): MergeForest {
  return { parent: [], joined: [], rank: [] }
}

/** The node that stands for a node's whole set. */
export function rootOf(forest: MergeForest, node: number): number {
  let root = node
  for (let up = forest.parent[root]; up !== undefined; up = forest.parent[root]) root = up
  return root
}

/** Joins two different sets, given by their roots, and returns the root of the whole. */
export function join(forest: MergeForest, a: number, b: number, position: Position): number {
  const [rankA, rankB] = [forest.rank[a] ?? 0, forest.rank[b] ?? 0]
  const [top, below] = rankA >= rankB ? [a, b] : [b, a]
  forest.parent[below] = top
  forest.joined[below] = position
  if (rankA === rankB) forest.rank[top] = rankA + 1
  return top
}

/**
 * The position that joined two nodes of one set: the latest edge on the path between them; null for
 * one and the same node, and for nodes of two sets. Edges grow later towards the root, so the
 * earlier of two walkers steps up.
 */
export function joinedAt(forest: MergeForest, a: number, b: number): Position | null {
  let latest: Position | null = null
  while (a !== b) {
    const [edgeA, edgeB] = [forest.joined[a] ?? Infinity, forest.joined[b] ?? Infinity]
    latest = Math.min(edgeA, edgeB)
    if (latest === Infinity) return null
    if (edgeA <= edgeB) a = forest.parent[a] as number
    else b = forest.parent[b] as number
  }
  return latest
}
