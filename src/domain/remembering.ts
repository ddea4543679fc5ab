import type { IdentifierNumber } from './event.ts'
import { ableState, type Graph, liveLinks, otherEnd, type Pair, type State } from './graph.ts'
import type { Ruling } from './ruling.ts'

type Known<V> = Map<IdentifierNumber, V>

/** The same evidence, read at most once, and its live links. */
export function remembering<G extends Graph>(graph: G): G {
  // Live links are only ever remembered on top of evidence that is.
  if (graph.links !== undefined) return graph
  const states: Known<State | null> = new Map()
  const pairs: Known<readonly Pair[]> = new Map()
  const rulings: Known<readonly Ruling[]> = new Map()
  const known = {
    ...graph,
    state: memoized(graph.state, states),
    limit: memoized(graph.limit),
    pairsOf: memoized(graph.pairsOf, pairs),
    carriedSince: memoized(graph.carriedSince),
    rulingsOf: memoized(graph.rulingsOf, rulings)
  }
  const { inBulk } = graph
  if (inBulk === undefined) return withLinks(known)

  // Whether a link is live takes the state of its other end too.
  const prefetch = (of: readonly IdentifierNumber[]) => {
    learn(pairs, of, inBulk.pairs, [])
    learn(rulings, of, inBulk.rulings, [])
    const ends = new Set<IdentifierNumber | 0>(of)
    for (const one of of) {
      for (const pair of known.pairsOf(one)) ends.add(otherEnd(pair, one))
      for (const { to } of known.rulingsOf(one)) ends.add(to)
    }
    ends.delete(0)
    learn(states, ends, inBulk.states, null)
  }
  return withLinks({ ...known, prefetch })
}

/** A graph of which it is worked out at most once what can link, and to what. */
export function withLinks<G extends Graph>(graph: G): G {
  const able = memoized((identifier: IdentifierNumber) => ableState(graph, identifier))
  const telling = { ...graph, able }
  const links = memoized((identifier: IdentifierNumber) => liveLinks(telling, identifier))
  return { ...telling, links }
}

/** About how many identifiers a statement asks: their rows are in memory beside what is made of them. */
const perStatement = 10_000

/**
 * Reads what is not known yet of identifiers; those of which nothing is told have `none`. One by
 * itself is left to be read as usual.
 */
function learn<V>(
  known: Known<V>,
  of: Iterable<IdentifierNumber>,
  read: (of: readonly IdentifierNumber[]) => ReadonlyMap<IdentifierNumber, V>,
  none: V
) {
  const lacking = [...new Set(of)].filter((one) => !known.has(one))
  if (lacking.length < 2) return
  for (let from = 0; from < lacking.length; from += perStatement) {
    const asked = lacking.slice(from, from + perStatement)
    const found = read(asked)
    for (const one of asked) known.set(one, found.get(one) ?? none)
  }
}

/** The same answers, each worked out at most once. */
export function memoized<K, V>(read: (key: K) => V, known = new Map<K, V>()) {
  return (key: K): V => {
    const found = known.get(key)
    if (found !== undefined) return found
    const value = read(key)
    known.set(key, value)
    return value
  }
}
