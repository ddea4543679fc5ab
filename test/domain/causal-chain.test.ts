import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { earliestChain } from '../../src/domain/causal-chain.ts'
import type { Way } from '../../src/domain/explain.ts'
import { holds } from '../support/holds.ts'

type Pair = readonly [number, number]

t.test('the chain from an identifier to itself is itself', async (t) => {
  t.same(chain(1, 1, []), [1])
  t.same(chain(1, 1, [[1, 2]]), [1])
})

t.test('no chain joins two people', async (t) => {
  t.equal(chain(1, 3, []), null)
  const two: Pair[] = [
    [1, 2],
    [3, 4]
  ]
  t.equal(chain(1, 3, two), null)
})

t.test('a later and shorter chain changes nothing about how two were joined', async (t) => {
  const first: Pair[] = [
    [1, 2],
    [3, 4],
    [2, 3]
  ]
  t.same(chain(1, 4, first), [1, 2, 3, 4])
  t.same(chain(4, 1, [...first, [1, 4]]), [4, 3, 2, 1])
})

t.test('the parts of the chain are as early as they can be too', async (t) => {
  const throughLateLink: Pair[] = [
    [1, 2],
    [2, 3],
    [1, 3],
    [3, 4]
  ]
  t.same(chain(1, 4, throughLateLink), [1, 2, 3, 4])
})

holds(t, 'the chain told is the earliest of all chains', observed(), (pairs) => {
  for (const [from, to] of everyTwo(pairs)) {
    const [earliest = null] = simpleChains(pairs, from, to).sort(earlierFirst(pairs))
    same(chain(from, to, pairs), earliest)
  }
})

holds(t, 'the latest link of the chain is the one that joined the two', observed(), (pairs) => {
  const joinedAt = (from: number, to: number) => {
    const nth = pairs.findIndex((_, nth) => reach(pairs.slice(0, nth + 1), from).has(to))
    return nth + 1 || null
  }
  for (const [from, to] of everyTwo(pairs)) {
    const told = chain(from, to, pairs)
    same(told === null ? null : sights(pairs, told)[0], joinedAt(from, to))
  }
})

holds(t, 'the chain told back is the chain', observed(), (pairs) => {
  for (const [from, to] of everyTwo(pairs)) {
    same(chain(to, from, pairs), chain(from, to, pairs)?.reverse() ?? null)
  }
})

t.test('an identity of many is searched without recursion', async (t) => {
  const length = 100_000
  const inCircle = (one: number): Way[] => [
    { to: (one % length) + 1, since: one },
    { to: one === 1 ? length : one - 1, since: one === 1 ? length : one - 1 }
  ]
  const told = earliestChain(inCircle, 1, length)
  t.equal(told?.length, length, 'the last link, which closed the circle, is not in it')
})

t.test('of many chains the earliest is found', async (t) => {
  const shared = 1_000
  const since = (one: number) => 1 + ((one * 7_919) % 10_007)
  const waysFrom = (one: number): Way[] => {
    if (one > 2) return [1, 2].map((to) => ({ to, since: 2 * since(one) + to }))
    return Array.from({ length: shared }, (_, nth) => nth + 3).map((to) => ({
      to,
      since: 2 * since(to) + one
    }))
  }
  const numbers = Array.from({ length: shared }, (_, nth) => nth + 3)
  const [earliest] = numbers.sort((a, b) => since(a) - since(b))
  t.same(earliestChain(waysFrom, 1, 2), [1, earliest, 2])
})

/** Links between a few identifiers; the nth was observed at position n. */
function observed() {
  const identifier = fc.integer({ min: 1, max: 7 })
  return fc.uniqueArray(
    fc.tuple(identifier, identifier).filter(([one, other]) => one !== other),
    { minLength: 1, maxLength: 14, selector: (pair) => [...pair].sort().join() }
  )
}

function everyTwo(pairs: readonly Pair[]): Pair[] {
  const identifiers = [...new Set(pairs.flat())]
  return identifiers.flatMap((one) =>
    identifiers.filter((other) => other !== one).map((other): Pair => [one, other])
  )
}

/** The earliest chain between two, in any order of the ways. */
function chain(from: number, to: number, pairs: readonly Pair[]) {
  return earliestChain((at) => waysIn(pairs, at).reverse(), from, to)
}

function waysIn(pairs: readonly Pair[], at: number): Way[] {
  return pairs.flatMap(([one, other], nth) => {
    if (one === at) return [{ to: other, since: nth + 1 }]
    return other === at ? [{ to: one, since: nth + 1 }] : []
  })
}

/** All that can be reached from an identifier, itself included. */
function reach(pairs: readonly Pair[], from: number) {
  const reached = new Set([from])
  for (const at of reached) for (const { to } of waysIn(pairs, at)) reached.add(to)
  return reached
}

/** When the links of a chain were observed, the latest first. */
function sights(pairs: readonly Pair[], chain: readonly number[]) {
  return chain
    .slice(1)
    .map((one, nth) =>
      pairs.findIndex((pair) => pair.includes(one) && pair.includes(chain[nth] ?? 0))
    )
    .map((nth) => nth + 1)
    .sort((a, b) => b - a)
}

/** The chain whose latest link is earlier comes first; if it is the same, whose next latest is. */
function earlierFirst(pairs: readonly Pair[]) {
  return (one: readonly number[], other: readonly number[]) => {
    const [ones, others] = [sights(pairs, one), sights(pairs, other)]
    const nth = ones.findIndex((sight, place) => sight !== others[place])
    return (ones[nth] ?? 0) - (others[nth] ?? 0)
  }
}

/** Every chain between two ends that passes no identifier twice. */
function simpleChains(pairs: readonly Pair[], from: number, to: number): number[][] {
  if (from === to) return [[to]]
  const rest = pairs.filter((pair) => !pair.includes(from))
  return waysIn(pairs, from).flatMap(({ to: next }) =>
    simpleChains(rest, next, to).map((chain) => [from, ...chain])
  )
}
