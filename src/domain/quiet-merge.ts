import type { IdentifierNumber } from './event.ts'
import {
  canLink,
  type Graph,
  homeOf,
  homeOfContact,
  liveLinks,
  otherEnd,
  type Pair
} from './graph.ts'

/** Of how many identifiers, each seen with as many others, it is told at most: few are told at once. */
const few = 100

/**
 * Whether the identity of an identifier, which hides nothing, can merge with any that hides something
 * and show none of it. What is hidden comes to be shown where the other identity lists the value of a
 * contact that did not; so it is quiet if nobody elsewhere has a value that this identity lists. False
 * also where that would take long to tell. Costs what this identity costs, however large the other.
 */
export function mergesQuietly(graph: Graph, identifier: IdentifierNumber): boolean {
  const pairs = new Map<IdentifierNumber, readonly Pair[]>()
  const pending = [identifier]
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (pairs.has(at)) continue
    if (pairs.size === few || isWide(graph, at)) return false
    pairs.set(at, graph.pairsOf(at))
    for (const { to } of liveLinks(graph, at)) pending.push(to)
  }

  const isHere = (home: unknown) => typeof home === 'number' && pairs.has(home)
  const listed = new Set<IdentifierNumber>()
  for (const [here, all] of pairs) {
    for (const pair of all) {
      if (pair.first === 0 || !isHere(homeOf(graph, pair))) continue
      for (const end of [here, otherEnd(pair, here)]) if (end !== 0) listed.add(end)
    }
  }
  if (![...pairs.keys()].every((here) => listed.has(here))) return false
  return [...listed].every((value) => {
    if (!pairs.has(value) && (canLink(graph, value) || isWide(graph, value))) return false
    const all = pairs.get(value) ?? graph.pairsOf(value)
    return all.every((pair) =>
      pair.contacts.every((contact) => isHere(homeOfContact(graph, pair, contact)))
    )
  })
}

/** Whether an identifier is seen with more than a few others. */
function isWide(graph: Graph, identifier: IdentifierNumber): boolean {
  const state = graph.state(identifier)
  return state !== null && state.sharing > few
}
