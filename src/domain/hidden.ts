import type { IdentifierNumber } from './event.ts'
import {
  canLink,
  type Evidence,
  type Graph,
  type Home,
  homeOf,
  homeOfContact,
  liveLinks,
  otherEnd
} from './graph.ts'
import { memoized, remembering } from './remembering.ts'

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

/** An identity that hides something, by an identifier of it that can link, and how many contacts it lists. */
export type HidingIdentity = {
  readonly identifier: IdentifierNumber
  readonly contacts: number
}

/**
 * Whether an identity can list a value that links nobody and show nothing else that it hides: it is so if
 * it lists the value already, or no contact that has the value stands there. False also where it would
 * take longer to tell than to work out the identity. Costs what those contacts cost, however large that is.
 */
export function listsQuietly(
  evidence: Evidence,
  { identifier, contacts }: HidingIdentity,
  value: IdentifierNumber
): boolean {
  if (isWide(evidence, value, Math.max(few, contacts))) return false
  const graph = remembering(evidence)
  graph.prefetch?.([value])
  // Of a pair and of its contacts the home is mostly the same.
  const isThere = memoized((home: IdentifierNumber) => graph.together(home, identifier))
  const stands = (home: Home) => typeof home === 'number' && isThere(home)
  const pairs = graph.pairsOf(value)
  return (
    pairs.some((pair) => pair.first > 0 && stands(homeOf(graph, pair))) ||
    !pairs.some((pair) => pair.contacts.some((one) => stands(homeOfContact(graph, pair, one))))
  )
}

/** Whether an identifier is seen with more than so many others. */
function isWide(graph: Graph, identifier: IdentifierNumber, many = few): boolean {
  const state = graph.state(identifier)
  return state !== null && state.sharing > many
}
