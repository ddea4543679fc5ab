import type { IdentifierNumber } from './event.ts'
import { ableState, type Graph, liveLinks, otherEnd, type Pair, type State } from './graph.ts'
import type { Ruling } from './ruling.ts'

type Known<V> = Map<IdentifierNumber, V>

/** The same evidence, read at most once, and its live links. */
export function remembering<G extends Graph>(graph: G): G {
  if (graph.links !== undefined) return graph
  const states: Known<State | null> = new Map()
  const pairs: Known<readonly Pair[]> = new Map()
  const rulings: Known<readonly Ruling[]> = new Map()
  const known = {
    ...graph,
    state: once(graph.state, states),
    limit: once(graph.limit),
    pairsOf: once(graph.pairsOf, pairs),
    carriedSince: once(graph.carriedSince),
    rulingsOf: once(graph.rulingsOf, rulings)
  }
  const { inBulk } = graph
  if (inBulk === undefined) return withLinks(known)

  // Whether a link is live takes the state of its other end too.
  const foresee = (of: readonly IdentifierNumber[]) => {
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
  return withLinks({ ...known, foresee })
}

/** A graph of which it is worked out at most once what can link, and to what. */
export function withLinks<G extends Graph>(graph: G): G {
  const able = once((identifier: IdentifierNumber) => ableState(graph, identifier))
  const telling = { ...graph, able }
  const links = once((identifier: IdentifierNumber) => liveLinks(telling, identifier))
  return { ...telling, links }
}

/**
 * Reads what is not known yet of identifiers; those of which nothing is told have `none`. One by
 * itself is left to be read as usual.
 */
function learn<V>(
  known: Known<V>,
  of: Iterable<IdentifierNumber>,
  read: (of: readonly IdentifierNumber[]) => Iterable<[IdentifierNumber, V]>,
  none: V
) {
  const lacking = [...new Set(of)].filter((one) => !known.has(one))
  if (lacking.length < 2) return
  for (const one of lacking) known.set(one, none)
  for (const [one, found] of read(lacking)) known.set(one, found)
}

/** The same answers, each worked out at most once. */
export function once<K, V>(read: (key: K) => V, known = new Map<K, V>()) {
  return (key: K): V => {
    const found = known.get(key)
    if (found !== undefined) return found
    const value = read(key)
    known.set(key, value)
    return value
  }
}
