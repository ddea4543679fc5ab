import { type Graph, homeOf, type Pair } from '../../src/domain/graph.ts'
import type { Group } from '../../src/domain/groups.ts'

/** The pairs whose observations stand in a group, live or retracted; each once. */
export function pairsIn(graph: Graph, { identifiers, alone }: Group): readonly Pair[] {
  if (alone !== null) return [graph.pair(alone)]
  return identifiers.flatMap((identifier) =>
    graph.pairsOf(identifier).filter((pair) => homeOf(graph, pair) === identifier)
  )
}
