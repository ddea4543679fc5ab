import { ok, deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { linksAlong } from '../../src/domain/chain.ts'
import { conclude, type Link } from '../../src/domain/conclude.ts'
import { shortestChain, type Way, type WaysFrom } from '../../src/domain/explain.ts'
import { fold } from '../../src/domain/facts.ts'
import { asked, history, tell } from '../support/histories.ts'
import { holds } from '../support/holds.ts'

/** The shortest chain between two values, in the history of these pairs. */
function chain(from: string, to: string, ...pairs: [string | null, string | null][]) {
  const told = tell(pairs.map(([email, phone]) => asked(email, phone))).history
  const values = new Map(
    told.flatMap(({ identifiers }) => identifiers.map(({ number, value }) => [number, value]))
  )
  const number = (value: string) => [...values].find((one) => one[1] === value)?.[0] ?? 0
  const found = shortestChain(waysOver(linksIn(told)), number(from), number(to))
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

t.test('a chain has a link from each of its identifiers to the next', async (t) => {
  t.same(linksAlong([]), [])
  t.same(linksAlong([7]), [])
  t.same(linksAlong([7, 3, 5]), [
    [7, 3],
    [3, 5]
  ])
})

t.test('no chain joins two people', async (t) => {
  t.equal(chain(a, '2', [a, '1'], [b, '2']), null)
  t.equal(chain(a, b, [a, null], [b, '2']), null)
})

holds(t, 'no chain is shorter than the one told, and its steps are links', history, (told) => {
  const links = linksIn(told)
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
  const links = linksIn(told)
  for (const from of numbersIn(told)) {
    for (const to of numbersIn(told)) {
      const chain = shortestChain(waysOver(links), from, to)
      same(shortestChain(waysOver(links.toReversed()), from, to), chain)
    }
  }
})

function numbersIn(told: Parameters<typeof fold>[0]) {
  return new Set([...told].flatMap(({ identifiers }) => identifiers.map(({ number }) => number)))
}

/** The links between two values; those that were seen alone have none. */
function linksIn(told: Parameters<typeof fold>[0]): Link[] {
  return conclude(fold(told)).links.filter((link) => link.email > 0 && link.phoneNumber > 0)
}

/** The ways over links, in their order. */
function waysOver(links: readonly Link[]): WaysFrom {
  return (from) =>
    links.flatMap(({ email, phoneNumber, first }): Way[] => {
      if (email === from) return [{ to: phoneNumber, since: first }]
      return phoneNumber === from ? [{ to: email, since: first }] : []
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
