import { equal, deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { articulationPoints } from '../../src/domain/articulation.ts'
import { type Neighbours, strengthBetween } from '../../src/domain/strength.ts'
import { holds } from '../support/holds.ts'

type Pair = readonly [number, number]

const most = 200_000

t.test('a direct link is one chain and has no weak point', async (t) => {
  t.same(between(1, 2, [1, 2]), { independentChains: 1, weakPoints: [] })
  t.same(between(1, 2, [1, 2], [2, 3]), { independentChains: 1, weakPoints: [] })
})

t.test('a link that is told twice is one chain', async (t) => {
  t.same(between(1, 2, [1, 2], [1, 2]), { independentChains: 1, weakPoints: [] })
})

t.test('every inner identifier of the only chain is a weak point, in order', async (t) => {
  t.same(between(4, 1, [1, 9], [9, 3], [3, 4]), { independentChains: 1, weakPoints: [3, 9] })
})

t.test('two that meet in one identifier have it as their weak point', async (t) => {
  const twoSquares: Pair[] = [
    [1, 2],
    [1, 3],
    [2, 4],
    [3, 4],
    [4, 5],
    [4, 6],
    [5, 7],
    [6, 7]
  ]
  t.same(between(1, 7, ...twoSquares), { independentChains: 1, weakPoints: [4] })
  t.same(between(1, 4, ...twoSquares), { independentChains: 2, weakPoints: [] })
})

t.test('a short chain gives way to two longer ones', async (t) => {
  const crossed: Pair[] = [
    [1, 3],
    [3, 4],
    [4, 2],
    [1, 5],
    [5, 4],
    [3, 6],
    [6, 2]
  ]
  t.same(between(1, 2, ...crossed), { independentChains: 2, weakPoints: [] })
  const crossedFurtherOut = crossed.flatMap(([a, b]): Pair[] =>
    b === 4 && a === 3 ? [[a, b]] : longer([a, b])
  )
  t.same(between(1, 2, ...crossedFurtherOut), { independentChains: 2, weakPoints: [] })
})

t.test('two of different identities hang together by no chain', async (t) => {
  t.same(between(1, 3, [1, 2], [3, 4]), { independentChains: 0, weakPoints: [] })
})

holds(t, 'there are as many independent chains as can be chosen by hand', drawn(), (pairs) => {
  for (const [from, to] of ends(pairs)) {
    equal(
      between(from, to, ...pairs)?.independentChains,
      mostDisjoint(simpleChains(pairs, from, to))
    )
  }
})

holds(t, 'the weak points are those that part the two when removed', drawn(), (pairs) => {
  for (const [from, to] of ends(pairs)) {
    const [chain = []] = simpleChains(pairs, from, to)
    const parting = chain.filter(
      (one) => one !== from && one !== to && !reach(without(pairs, one), from).has(to)
    )
    same(between(from, to, ...pairs)?.weakPoints, parting)
  }
})

holds(t, 'no identifier is asked for twice, and none beyond the limit', drawn(), (pairs) => {
  for (const [from, to] of ends(pairs)) {
    const size = reach(pairs, from).size
    for (const limit of [1, size - 1, size]) {
      const { asked, neighbours } = listening(pairs)
      equal(strengthBetween(neighbours, from, to, limit) === null, size > limit)
      equal(new Set(asked).size, asked.length)
      equal(asked.length <= limit, true)
    }
  }
})

holds(t, 'the search for articulation points asks for each identifier once', drawn(), (pairs) => {
  const { asked, neighbours } = listening(pairs)
  articulationPoints(identifiersOf(pairs), neighbours)
  same(asked.sort(), identifiersOf(pairs).sort())
})

holds(
  t,
  'the articulation points are those that make more parts when removed',
  drawn(),
  (pairs) => {
    const identifiers = identifiersOf(pairs)
    const making = identifiers.filter((one) => {
      const rest = identifiers.filter((other) => other !== one)
      return parts(without(pairs, one), rest) > parts(pairs, identifiers)
    })
    same([...articulationPoints(identifiers, linkedIn(pairs))].sort(), making.sort())
  }
)

holds(t, 'the articulation points are the weak points of some two', drawn(), (pairs) => {
  const points = articulationPoints(identifiersOf(pairs), linkedIn(pairs))
  const weak = ends(pairs).flatMap(([from, to]) => between(from, to, ...pairs)?.weakPoints ?? [])
  same(new Set(weak), points)
})

t.test('a long chain is weak all along, and is walked without recursion', async (t) => {
  const length = 100_000
  const inChain: Neighbours = (one) => [one - 1, one + 1].filter((at) => at > 0 && at <= length)
  const strength = strengthBetween(inChain, 1, length, most)
  t.equal(strength?.independentChains, 1)
  t.equal(strength?.weakPoints.length, length - 2)
  t.same(strength?.weakPoints.slice(0, 3), [2, 3, 4])
  t.equal(articulationPoints([length / 2], inChain).size, length - 2)
})

t.test('all that share one identifier hang together by it alone', async (t) => {
  const inStar: Neighbours = (one) => (one === 1 ? from(2, 2_000) : [1])
  t.same(strengthBetween(inStar, 2, 2_000, most), { independentChains: 1, weakPoints: [1] })
  t.same(articulationPoints([2], inStar), new Set([1]))
})

t.test('two that share many identifiers hang together by each of them', async (t) => {
  const shared: Neighbours = (one) => (one <= 2 ? from(3, 50_000) : [1, 2])
  t.same(strengthBetween(shared, 1, 2, most), { independentChains: 49_998, weakPoints: [] })
  t.same(strengthBetween(shared, 3, 4, most), { independentChains: 2, weakPoints: [] })
})

t.test('where all emails met all phones, each leads round any other', async (t) => {
  const all: Neighbours = (one) => (one <= 30 ? from(31, 60) : from(1, 30))
  t.same(strengthBetween(all, 1, 2, most), { independentChains: 30, weakPoints: [] })
  t.same(strengthBetween(all, 1, 60, most), { independentChains: 30, weakPoints: [] })
  t.same(articulationPoints([1], all), new Set())
})

t.test('an identity that is larger than the limit has no strength told', async (t) => {
  const endless: Neighbours = (one) => [one + 1]
  t.equal(strengthBetween(endless, 1, 2, 1_000), null)
})

/** Links between a few identifiers, in any order. */
function drawn() {
  const identifier = fc.integer({ min: 1, max: 7 })
  return fc.uniqueArray(
    fc.tuple(identifier, identifier).filter(([one, other]) => one !== other),
    { minLength: 1, maxLength: 14, selector: (pair) => [...pair].sort().join() }
  )
}

/** The pairs of ends that a chain joins, among links that were drawn. */
function ends(pairs: readonly Pair[]): Pair[] {
  return identifiersOf(pairs).flatMap((one) =>
    [...reach(pairs, one)].filter((other) => other !== one).map((other): Pair => [one, other])
  )
}

/** A link with an identifier of its own put into it. */
function longer([one, other]: Pair): Pair[] {
  const between = 10 * one + other
  return [
    [one, between],
    [between, other]
  ]
}

function between(from: number, to: number, ...pairs: Pair[]) {
  return strengthBetween(linkedIn(pairs), from, to, most)
}

function linkedIn(pairs: readonly Pair[]): Neighbours {
  return (at) =>
    pairs.flatMap(([one, other]) => {
      if (one === at) return [other]
      return other === at ? [one] : []
    })
}

/** Neighbours that note who was asked for. */
function listening(pairs: readonly Pair[]) {
  const asked: number[] = []
  const neighbours: Neighbours = (at) => {
    asked.push(at)
    return linkedIn(pairs)(at)
  }
  return { asked, neighbours }
}

function identifiersOf(pairs: readonly Pair[]) {
  return [...new Set(pairs.flat())]
}

function without(pairs: readonly Pair[], identifier: number) {
  return pairs.filter((pair) => !pair.includes(identifier))
}

/** All that can be reached from an identifier, itself included. */
function reach(pairs: readonly Pair[], from: number) {
  const reached = new Set([from])
  for (const at of reached) for (const next of linkedIn(pairs)(at)) reached.add(next)
  return reached
}

function parts(pairs: readonly Pair[], identifiers: readonly number[]) {
  return new Set(identifiers.map((one) => [...reach(pairs, one)].sort().join())).size
}

/** Every chain between two ends that passes no identifier twice. */
function simpleChains(pairs: readonly Pair[], from: number, to: number): number[][] {
  if (from === to) return [[to]]
  return linkedIn(pairs)(from).flatMap((next) =>
    simpleChains(without(pairs, from), next, to).map((rest) => [from, ...rest])
  )
}

/** The most of these chains, between the same ends, of which no two share another identifier. */
function mostDisjoint([first, ...others]: number[][]): number {
  if (first === undefined) return 0
  const inner = first.slice(1, -1)
  const apart = others.filter((other) => !other.some((one) => inner.includes(one)))
  return Math.max(1 + mostDisjoint(apart), mostDisjoint(others))
}

function from(first: number, last: number) {
  return Array.from({ length: last - first + 1 }, (_, nth) => first + nth)
}
