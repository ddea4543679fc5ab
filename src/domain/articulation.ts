import type { IdentifierNumber } from './event.ts'
import type { Neighbours } from './strength.ts'

/**
 * A stop of the search: the `nth` identifier reached, the `lowest` number that it or its branches
 * lead to, and the `parts` into which what was walked so far falls without it.
 */
type Visit = {
  readonly identifier: IdentifierNumber
  readonly parent: Visit | null
  readonly nth: number
  readonly untried: Iterator<IdentifierNumber>
  lowest: number
  parts: number
}

/**
 * The identifiers without each of which some identity would fall apart: the articulation points of
 * the graph that can be reached from these identifiers. By depth-first search (Hopcroft and Tarjan,
 * 1973), without recursion, for an identity may be one long chain. Asks for the neighbours of an
 * identifier once; O(identifiers + links).
 */
export function articulationPoints(
  identifiers: Iterable<IdentifierNumber>,
  neighbours: Neighbours
): Set<IdentifierNumber> {
  const points = new Set<IdentifierNumber>()
  const visits = new Map<IdentifierNumber, Visit>()
  const visit = (identifier: IdentifierNumber, parent: Visit | null): Visit => {
    const nth = visits.size
    const untried = neighbours(identifier).values()
    const parts = parent === null ? 0 : 1
    const begun: Visit = { identifier, parent, nth, untried, lowest: nth, parts }
    visits.set(identifier, begun)
    return begun
  }
  for (const root of identifiers) {
    let at = visits.has(root) ? null : visit(root, null)
    while (at !== null) {
      const next = at.untried.next()
      if (next.done) {
        if (at.parts > 1) points.add(at.identifier)
        at = leave(at)
      } else {
        const known = visits.get(next.value)
        if (known === undefined) at = visit(next.value, at)
        else at.lowest = Math.min(at.lowest, known.nth)
      }
    }
  }
  return points
}

/** Goes back from a branch: it is a part of its own when it leads no further back than its parent. */
function leave({ parent, lowest }: Visit): Visit | null {
  if (parent === null) return null
  parent.lowest = Math.min(parent.lowest, lowest)
  if (lowest >= parent.nth) parent.parts++
  return parent
}
