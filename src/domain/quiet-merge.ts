import type { IdentifierNumber } from './event.ts'
import {
  canLink,
  type Graph,
  type Home,
  homeOf,
  homeOfContact,
  liveLinks,
  otherEnd
} from './graph.ts'
import { remembering } from './remembering.ts'

/** Of identities of at most so many identifiers it is told, each seen with at most so many others. */
const few = 100

/**
 * Whether the identity of an identifier, which hides nothing, can merge with any that hides something
 * and show none of it. What is hidden comes to be shown where the other identity lists the value of a
 * contact that did not; so it is quiet if nobody elsewhere has a value that this identity lists. False
 * also where that would take long to tell. Costs what this identity costs, however large the other.
 */
export function mergesQuietly(evidence: Graph, identifier: IdentifierNumber): boolean {
  const graph = remembering(evidence)
  const here = new Set<IdentifierNumber>()
  const pending = [identifier]
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (here.has(at)) continue
    if (here.size === few || isWide(graph, at)) return false
    here.add(at)
    for (const { to } of liveLinks(graph, at)) pending.push(to)
  }

  const isHere = (home: Home) => typeof home === 'number' && here.has(home)
  const listed = new Set<IdentifierNumber>()
  for (const one of here) {
    for (const pair of graph.pairsOf(one)) {
      if (pair.first === 0 || !isHere(homeOf(graph, pair))) continue
      for (const end of [one, otherEnd(pair, one)]) if (end !== 0) listed.add(end)
    }
  }
  if (![...here].every((one) => listed.has(one))) return false
  return [...listed].every((value) => {
    if (!here.has(value) && (canLink(graph, value) || isWide(graph, value))) return false
    return graph
      .pairsOf(value)
      .every((pair) =>
        pair.contacts.every((contact) => isHere(homeOfContact(graph, pair, contact)))
      )
  })
}

/** Whether an identifier is seen with more than a few others. */
function isWide(graph: Graph, identifier: IdentifierNumber): boolean {
  const state = graph.state(identifier)
  return state !== null && state.sharing > few
}
