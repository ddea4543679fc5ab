import { ok, deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Recorded } from '../../src/domain/event.ts'
import type { Identifier } from '../../src/domain/identifier.ts'
import type { ReadingView } from '../../src/views.ts'
import {
  afterTelling,
  between,
  decidedHistory,
  limit,
  on,
  retract,
  see
} from '../support/decided-histories.ts'
import { picture, type Told } from '../support/decision-oracle.ts'
import { history } from '../support/histories.ts'
import { holds } from '../support/holds.ts'
import { shownBy, viewOf } from '../support/ledger.ts'

/** A history, a position in it, and two of the identifiers that it names. */
const questions = fc.oneof(decidedHistory, history).chain((told) => {
  const named = identifiersIn(told)
  const end = fc.nat({ max: Math.max(0, named.length - 1) }).map((nth) => named[nth])
  return fc.tuple(fc.constant(told), fc.nat({ max: told.length }), end, end)
})

holds(
  t,
  'two ends are connected if and only if a chain of live links joins them',
  questions,
  ([told, , a, b]) => {
    if (!a || !b) return
    const found = shownBy([told], (db) => viewOf(db).why(a, b))
    const distances = search(liveLinksIn(told), a.number)
    const distance = distances.get(b.number)
    same(found.connected, distance !== undefined)
    same(found.chain.length, distance ?? 0)
  }
)

holds(
  t,
  'each step of a chain tells all of its evidence, and every step follows on',
  questions,
  ([told, , a, b]) => {
    if (!a || !b) return
    const { chain } = shownBy([told], (db) => viewOf(db).why(a, b))
    let at = a.number
    for (const { from, to, evidence, asserted } of chain) {
      same(from.number, at)
      at = to.number
      const seen = observationsOf(told, from.number, to.number)
      if (seen.length === 0) {
        ok(asserted)
        continue
      }
      const moment = (one: Recorded | undefined) => ({
        position: one?.position,
        time: one?.event.type === 'ContactObserved' ? one.event.observedAt : undefined
      })
      same(evidence, { count: seen.length, first: moment(seen[0]), latest: moment(seen.at(-1)) })
    }
  }
)

holds(
  t,
  'why as of a position is what a ledger says that heard nothing later',
  questions,
  ([told, at, a, b]) => {
    if (!a || !b) return
    const past = shownBy([told], (db) => answer(viewOf(db).why, a, b, at))
    const then = shownBy([told.slice(0, at)], (db) => answer(viewOf(db).why, a, b))
    same(past, then)
  }
)

holds(
  t,
  'what joined two ends came last on the way on which they were joined',
  questions,
  ([told, , a, b]) => {
    if (!a || !b) return
    const why = shownBy([told], (db) => viewOf(db).why(a, b))
    if (!why.connected || a.number === b.number) return
    const last = why.how?.at(-1)
    same(why.joinedBy?.observation, last?.since.position)
    same(why.joinedBy?.position, last?.merge ?? last?.since.position)
    for (const { number } of why.strength?.weakPoints ?? []) {
      same(search(without(liveLinksIn(told), number), a.number).has(b.number), false)
    }
    const others = identifiersIn(told).filter(
      ({ number }) => number !== a.number && number !== b.number
    )
    const weak = others.filter(
      ({ number }) => !search(without(liveLinksIn(told), number), a.number).has(b.number)
    )
    same(
      why.strength?.weakPoints.map(({ number }) => number).sort(),
      weak.map(({ number }) => number).sort()
    )
  }
)

holds(
  t,
  'what parted two ends did so: they were connected right before, and never since',
  questions,
  ([told, , a, b]) => {
    if (!a || !b) return
    const { connected, parted } = shownBy([told], (db) => viewOf(db).why(a, b))
    if (connected) return
    const together = told.map((_, nth) =>
      search(liveLinksIn(told.slice(0, nth + 1)), a.number).has(b.number)
    )
    const last = together.lastIndexOf(true)
    // Outcomes change nothing: what parted them is the event before.
    const cause = told.slice(last + 1).find(({ event }) => !('cause' in event))?.position
    same(parted?.position, last === -1 ? undefined : cause)
  }
)

t.test('ends that never had to do with each other say so', async (t) => {
  const why = afterTelling([see('a@x', '1'), see('b@x', '2')], ({ view }) =>
    view.why(email('a@x'), email('b@x'))
  )
  t.match(why, { connected: false, chain: [], parted: null, but: null })
})

t.test('a blocked value between two ends is named with its decision', async (t) => {
  const why = afterTelling(
    [see('info@x', '1'), see('info@x', '2'), on('IdentifierBlocked', 'info@x')],
    ({ view }) => view.why({ contact: 1 }, { contact: 2 })
  )
  t.match(why, {
    connected: false,
    parted: { type: 'IdentifierBlocked', position: 3, actor: 'ann' },
    but: [
      {
        from: { value: '1' },
        to: { value: 'info@x' },
        hindrances: [{ type: 'blocked', decision: { position: 3 } }]
      },
      { from: { value: 'info@x' }, to: { value: '2' }, hindrances: [{ type: 'blocked' }] }
    ]
  })
})

t.test('a forbidden link and a limit are named, each with its decision', async (t) => {
  const told = [
    see('a@x', '1'),
    see('a@x', '2'),
    limit('email', 1),
    between('LinkForbidden', 'a@x', '1')
  ]
  const why = afterTelling(told, ({ view }) => view.why(email('a@x'), phone('1')))
  t.match(why, {
    connected: false,
    but: [{ hindrances: [{ type: 'forbidden', decision: { type: 'LinkForbidden' } }] }]
  })
  const limited = afterTelling([...told.slice(0, 3)], ({ view }) =>
    view.why(phone('1'), phone('2'))
  )
  t.match(limited, {
    parted: { type: 'SharingLimitSet' },
    but: [{ hindrances: [{ type: 'over-shared' }] }, {}]
  })
})

t.test('a retracted observation is what parted two ends', async (t) => {
  const why = afterTelling(
    [see('a@x', '1'), see('a@x', null), see(null, '1'), retract(1)],
    ({ view }) => view.why(email('a@x'), phone('1'))
  )
  t.match(why, {
    connected: false,
    parted: { type: 'ObservationRetracted', position: 4 },
    but: null
  })
})

t.test('an assertion connects what was never seen together, and says who said so', async (t) => {
  const why = afterTelling(
    [see('a@x', null), see('b@x', null), between('LinkAsserted', 'a@x', 'b@x')],
    ({ view }) => view.why({ contact: 1 }, { contact: 2 })
  )
  t.match(why, {
    connected: true,
    chain: [{ evidence: { count: 0, first: { position: 3 } }, asserted: { position: 3 } }],
    joinedBy: { type: 'ContactsMerged', position: 4, observation: 3 },
    strength: { independentChains: 1, weakPoints: [] }
  })
})

function email(value: string) {
  return { kind: 'email' as const, value }
}

function phone(value: string) {
  return { kind: 'phone' as const, value }
}

/** The answer, or the refusal. */
function answer(why: ReadingView['why'], a: Identifier, b: Identifier, at?: number) {
  try {
    return why(a, b, at)
  } catch (error) {
    return (error as Error).message
  }
}

function identifiersIn(told: readonly Recorded[]): Identifier[] {
  const all = told.flatMap(({ identifiers }) => identifiers)
  return [...new Map(all.map((identifier) => [identifier.number, identifier])).values()]
}

type Links = ReadonlyMap<number, ReadonlySet<number>>

/** Live links straight from the definition, by looking at everything. */
function liveLinksIn(told: readonly Recorded[]): Links {
  const named = identifiersIn(told)
  const latest = <T extends Recorded['event']['type']>(
    types: readonly T[],
    about: (event: Recorded['event']) => boolean
  ) =>
    told
      .map(({ event }) => event)
      .filter((event) => types.includes(event.type as T) && about(event))
      .at(-1)
  const onPair = (a: number, b: number) => (event: Recorded['event']) =>
    'between' in event && event.between.includes(a) && event.between.includes(b)
  const forbidden = (a: number, b: number) =>
    latest(['LinkForbidden', 'LinkAllowed'], onPair(a, b))?.type === 'LinkForbidden'
  const asserted = (a: number, b: number) =>
    latest(['LinkAsserted', 'AssertionWithdrawn'], onPair(a, b))?.type === 'LinkAsserted'
  const able = named.filter(({ number, kind }) => {
    const about = (event: Recorded['event']) => 'identifier' in event && event.identifier === number
    if (latest(['IdentifierBlocked', 'IdentifierUnblocked'], about)?.type === 'IdentifierBlocked')
      return false
    const set = latest(['SharingLimitSet'], (event) => 'kind' in event && event.kind === kind)
    const most = set?.type === 'SharingLimitSet' ? (set.limit ?? Infinity) : Infinity
    const shared = named.filter(
      (other) =>
        other.number !== number &&
        observationsOf(told, number, other.number).length > 0 &&
        !forbidden(number, other.number)
    )
    return shared.length <= most
  })
  const linked = (a: number, b: number) =>
    a !== b && !forbidden(a, b) && (asserted(a, b) || observationsOf(told, a, b).length > 0)
  return new Map(
    able.map(({ number }) => [
      number,
      new Set(able.map((other) => other.number).filter((other) => linked(number, other)))
    ])
  )
}

/** The live observations that carry both of two identifiers. */
function observationsOf(told: readonly Recorded[], a: number, b: number): Recorded[] {
  const retracted = told.flatMap(({ event }) =>
    event.type === 'ObservationRetracted' ? [event.observation] : []
  )
  return told.filter(({ position, event }) => {
    if (event.type !== 'ContactObserved' || retracted.includes(position)) return false
    const values = [event.email, event.phoneNumber]
    return values.includes(a) && values.includes(b)
  })
}

/** How far every identifier is from one, in links. */
function search(links: Links, from: number): Map<number, number> {
  const distance = new Map([[from, 0]])
  for (const [at, steps] of distance) {
    for (const to of links.get(at) ?? []) if (!distance.has(to)) distance.set(to, steps + 1)
  }
  return distance
}

function without(links: Links, number: number): Links {
  return new Map(
    [...links]
      .filter(([from]) => from !== number)
      .map(([from, tos]) => [from, new Set([...tos].filter((to) => to !== number))])
  )
}

holds(
  t,
  'two contacts are connected if and only if they are of one identity',
  decidedHistory,
  (told) => {
    const { contacts, groupOf } = picture(told as readonly Told[])
    shownBy([told], (db) => {
      const { why } = viewOf(db)
      for (const one of contacts.keys()) {
        for (const other of contacts.keys()) {
          same(why({ contact: one }, { contact: other }).connected, groupOf(one) === groupOf(other))
        }
      }
    })
  }
)

t.test('contacts that stand at one value are told by their others', async (t) => {
  const told = [see('a@x', '1'), see('a@x', '2')]
  const why = afterTelling(told, ({ view }) => view.why({ contact: 1 }, { contact: 2 }))
  t.match(why, {
    connected: true,
    chain: [
      { from: { value: '1' }, to: { value: 'a@x' } },
      { from: { value: 'a@x' }, to: { value: '2' } }
    ],
    joinedBy: { type: 'ContactObserved', position: 2 },
    strength: { independentChains: 1, weakPoints: [{ value: 'a@x' }] }
  })
})

t.test('contacts that stand alone with a blocked value are strangers', async (t) => {
  const blocked = ['a@x', '1', '2'].map((value) => on('IdentifierBlocked', value))
  const told = [see('a@x', '1'), see('a@x', '2'), ...blocked]
  const why = afterTelling(told, ({ view }) => view.why({ contact: 1 }, { contact: 2 }))
  t.match(why, { connected: false, parted: { type: 'IdentifierBlocked' } })
})

t.test('what parted two of the many who shared a mailbox is found', async (t) => {
  const many = Array.from({ length: 3_000 }, (_, nth) => see('info@x', String(nth)))
  const told = [...many, on('IdentifierBlocked', 'info@x')]
  const why = afterTelling(told, ({ view }) => view.why(phone('7'), phone('2500')))
  t.match(why, { connected: false, parted: { type: 'IdentifierBlocked', position: 3_001 } })
})
