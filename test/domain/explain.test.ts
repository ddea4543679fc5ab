import { ok, deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { shortestChain, type Way, type WaysFrom } from '../../src/domain/explain.ts'
import { conclude, fold, type Link } from '../../src/domain/identity.ts'
import { emptyForest, join, joinedAt, rootOf } from '../../src/domain/merge-forest.ts'
import { asked, history, tell } from '../support/histories.ts'
import { holds } from '../support/holds.ts'

/** The shortest chain between two values, in the history of these pairs. */
function chain(from: string, to: string, ...pairs: [string | null, string | null][]) {
  const told = tell(pairs.map(([email, phone]) => asked(email, phone))).history
  const values = new Map(
    told.flatMap(({ identifiers }) => identifiers.map(({ number, value }) => [number, value]))
  )
  const number = (value: string) => [...values].find((one) => one[1] === value)?.[0] ?? 0
  const found = shortestChain(waysOver(conclude(fold(told)).links), number(from), number(to))
  return found?.map((one) => values.get(one)) ?? null
}

const [a, b, c] = ['a@x', 'b@x', 'c@x']

t.test('the chain from an identifier to itself is itself', async (t) => {
  t.same(chain(a, a, [a, null]), [a])
})

t.test('a chain leads from value to value, each seen with the next', async (t) => {
  t.same(chain(a, '1', [a, '1']), [a, '1'])
  t.same(chain(a, c, [a, '1'], [b, '1'], [b, '2'], [c, '2']), [a, '1', b, '2', c])
  t.same(chain(c, a, [a, '1'], [b, '1'], [b, '2'], [c, '2']), [c, '2', b, '1', a])
})

t.test('no chain joins two people', async (t) => {
  t.equal(chain(a, '2', [a, '1'], [b, '2']), null)
  t.equal(chain(a, b, [a, null], [b, '2']), null)
})

holds(t, 'no chain is shorter than the one told, and its steps are links', history, (told) => {
  const { links } = conclude(fold(told))
  const ways = waysOver(links)
  const pairs = new Set(
    links.flatMap(({ email, phoneNumber: phone }) => [`${email} ${phone}`, `${phone} ${email}`])
  )
  const numbers = numbersIn(told)
  for (const from of numbers) {
    const steps = distances(ways, from)
    for (const to of numbers) {
      const chain = shortestChain(ways, from, to)
      same(chain === null ? undefined : chain.length - 1, steps.get(to))
      if (chain === null) continue
      same([chain[0], chain.at(-1)], [from, to])
      ok(chain.slice(1).every((one, nth) => pairs.has(`${chain[nth]} ${one}`)))
    }
  }
})

holds(t, 'of equally short chains the evidence alone chooses', history, (told) => {
  const { links } = conclude(fold(told))
  for (const from of numbersIn(told)) {
    for (const to of numbersIn(told)) {
      const chain = shortestChain(waysOver(links), from, to)
      same(shortestChain(waysOver(links.toReversed()), from, to), chain)
    }
  }
})

t.test('a node that nothing was heard of is a set of its own', async (t) => {
  t.equal(rootOf(emptyForest(), 7), 7)
  t.equal(joinedAt(emptyForest(), 7, 7), null)
})

t.test('two nodes were joined when their sets first were', async (t) => {
  const forest = emptyForest()
  const unite = (a: number, b: number, position: number) =>
    join(forest, rootOf(forest, a), rootOf(forest, b), position)
  unite(1, 2, 10)
  unite(3, 4, 20)
  unite(2, 3, 30)
  unite(5, 4, 40)
  t.equal(new Set([1, 2, 3, 4, 5].map((node) => rootOf(forest, node))).size, 1)
  const joined: [number, number, number][] = [
    [1, 2, 10],
    [4, 3, 20],
    [1, 4, 30],
    [2, 3, 30],
    [5, 1, 40],
    [4, 5, 40]
  ]
  for (const [a, b, position] of joined) {
    t.equal(joinedAt(forest, a, b), position, `${a} and ${b}`)
    t.equal(joinedAt(forest, b, a), position, `${b} and ${a}`)
  }
})

holds(t, 'two nodes were joined at the first join that left them in one set', history, (told) => {
  const forest = emptyForest()
  const firstTogether = new Map<string, number>()
  const numbers = numbersIn(told)
  for (const { email, phoneNumber, first } of conclude(fold(told)).links.toSorted(bySight)) {
    const [a, b] = [rootOf(forest, email), rootOf(forest, phoneNumber)]
    if (a !== b) join(forest, a, b, first)
    for (const x of numbers) {
      for (const y of numbers) {
        const together = x !== y && rootOf(forest, x) === rootOf(forest, y)
        if (together && !firstTogether.has(`${x} ${y}`)) firstTogether.set(`${x} ${y}`, first)
      }
    }
  }
  for (const [pair, position] of firstTogether) {
    const [x = 0, y = 0] = pair.split(' ').map(Number)
    same(joinedAt(forest, x, y), position)
  }
})

function bySight(one: Link, other: Link) {
  return one.first - other.first
}

function numbersIn(told: Parameters<typeof fold>[0]) {
  return new Set([...told].flatMap(({ identifiers }) => identifiers.map(({ number }) => number)))
}

/** The ways over links, in their order. */
function waysOver(links: readonly Link[]): WaysFrom {
  return (from) =>
    links.flatMap(({ email, phoneNumber, first }): Way[] => {
      if (email === from) return [{ to: phoneNumber, first }]
      return phoneNumber === from ? [{ to: email, first }] : []
    })
}

/** How many steps it is from an identifier to each that it reaches, by brute force. */
function distances(ways: WaysFrom, from: number) {
  const steps = new Map([[from, 0]])
  for (const [at, so] of steps) {
    for (const { to } of ways(at)) if (!steps.has(to)) steps.set(to, so + 1)
  }
  return steps
}
