import type { IdentifierNumber } from './event.ts'
import {
  type Graph,
  type Home,
  homeOf,
  homeOfContact,
  keyOf,
  liveLinks,
  otherEnd,
  type Pair,
  type Values
} from './graph.ts'

/** A part of the evidence that holds whole identities only. */
export type Region = {
  readonly identifiers: ReadonlySet<IdentifierNumber>
  /** Values whose observations stand by themselves, since neither can link. */
  readonly alone: ReadonlyMap<string | number, Values>
}

/**
 * Everything around homes that belongs together before or after a change, with whatever moves from
 * one to the other: of both states of the evidence, it holds whole groups only.
 */
export function regionAround(before: Graph, after: Graph, seeds: readonly Home[]): Region {
  const identifiers = new Set<IdentifierNumber>()
  const alone = new Map<string | number, Values>()
  const seen = new Set<string | number>()
  let next: Home[] = []
  const visit = (home: Home) => {
    const key = keyOf(home)
    if (seen.has(key)) return
    seen.add(key)
    next.push(home)
  }
  for (const seed of seeds) visit(seed)
  for (let wave = next; wave.length > 0; wave = next) {
    next = []
    before.prefetch?.(wave.filter((home) => typeof home === 'number'))
    for (const at of wave) {
      if (typeof at !== 'number') {
        alone.set(keyOf(at), at)
        visitMoves(before, after, [before.pair(at), after.pair(at)], visit)
        continue
      }
      identifiers.add(at)
      for (const graph of [before, after]) for (const { to } of liveLinks(graph, at)) visit(to)
      // Nothing moves where nothing changes.
      if (before === after) continue
      const [was, is] = [before.pairsOf(at), after.pairsOf(at)]
      const unchanged = was === is ? null : new Set(was)
      for (const pair of is) {
        // A pair is seen from either end, and once is enough.
        if (identifiers.has(otherEnd(pair, at))) continue
        const same = unchanged === null || unchanged.has(pair)
        visitMoves(before, after, [same ? pair : before.pair(pair), pair], visit)
      }
    }
  }
  return { identifiers, alone }
}

/** Visits where the observations and contacts of a pair stood and stand, if that is not the same. */
function visitMoves(
  before: Graph,
  after: Graph,
  [was, is]: readonly [Pair, Pair],
  visit: (home: Home) => void
) {
  const follow = (from: Home, to: Home) => {
    if (keyOf(from) === keyOf(to)) return
    visit(from)
    visit(to)
  }
  follow(homeOf(before, is), homeOf(after, is))
  for (const minted of is.contacts) {
    // One that the event mints stood nowhere before.
    const as = was === is ? minted : was.contacts.find(({ id }) => id === minted.id)
    if (as !== undefined) follow(homeOfContact(before, is, as), homeOfContact(after, is, minted))
  }
}
