import type { IdentifierNumber } from './event.ts'
import { type Graph, otherEnd } from './graph.ts'

/**
 * With how many others live observations show an identifier, those of forbidden links apart: counted
 * anew, since a graph of the past keeps no count.
 */
export function sharingIn(graph: Graph, identifier: IdentifierNumber): number {
  const forbidden = new Set(
    graph.rulingsOf(identifier).flatMap(({ to, forbidden }) => (forbidden ? [to] : []))
  )
  const seen = graph.pairsOf(identifier).filter(({ first }) => first > 0)
  const others = seen.map((pair) => otherEnd(pair, identifier))
  return others.filter((other) => other !== 0 && !forbidden.has(other)).length
}
