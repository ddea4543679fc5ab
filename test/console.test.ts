import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { blocksOf } from '../src/console/event-blocks.ts'
import { eventText } from '../src/console/event-text.ts'
import { linkLabel, linkText, markOf, nodeLabel, shapeOf } from '../src/console/marks.ts'
import { partDrawn } from '../src/console/part-drawn.ts'
import { addressOf, endOf, type Place, placeOf } from '../src/console/place.ts'
import type { IdentityGraph } from '../src/identity-graph.ts'
import type { PublishedEvent } from '../src/published-event.ts'
import { holds } from './support/holds.ts'

const position = fc.nat()
const asOf = fc.option(position)
const text = fc.string({ unit: 'grapheme' })
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true })
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constant<Place>({ page: 'front' }),
  text.map((value): Place => ({ page: 'find', value: value.trim() })),
  plain({ page: fc.constant('contact' as const), id: position, asOf }),
  plain({ page: fc.constant('why' as const), from: text, to: text, step: position, asOf })
)

holds(t, 'an address leads back to the place that it was made from', place, (place) =>
  same(placeOf(addressOf(place)), place)
)

t.test('what is no address of the console leads nowhere', async (t) => {
  for (const hash of ['#/contact/', '#/contact/x', '#/contact/1/2', '#/who', '#/find/1', '#main']) {
    t.strictSame(placeOf(hash), { page: 'nowhere' }, hash)
  }
  t.strictSame(placeOf(''), { page: 'front' }, 'no address is the front page')
})

t.test('an end of a question is written as people write it', async (t) => {
  t.equal(endOf(' 11 '), 'contact:11')
  t.equal(endOf('Contact 11'), 'contact:11')
  t.equal(endOf('doc@x'), 'email:doc@x')
  t.equal(endOf('+1 702'), 'phone:+1 702')
  t.equal(endOf('phone:11'), 'phone:11', 'and as the service does')
})

/** A star of so many phones around one email, with a pair of strangers beside it. */
function star(phones: number): IdentityGraph {
  const node = (identifier: string, sharing: number, contacts: number[]) => {
    return { identifier, sharing, links: true, articulation: sharing > 1, contacts }
  }
  const link = (from: string, to: string) => {
    const state = 'live' as const
    return { from, to, state, count: 1, first: 1, latest: 1, asserted: null }
  }
  const names = Array.from({ length: phones }, (_, nth) => `phone:${nth}`)
  return {
    primaryContactId: 1,
    nodes: [
      ...names.map((name, nth) => node(name, 1, [nth + 1])),
      node('email:hub@x', phones, [1]),
      ...[node('email:far@x', 1, [9]), node('phone:999', 1, [9])]
    ],
    links: [...names.map((name) => link('email:hub@x', name)), link('email:far@x', 'phone:999')]
  }
}

const sizes = fc.record({
  phones: fc.integer({ min: 1, max: 60 }),
  most: fc.integer({ min: 4, max: 80 })
})

holds(
  t,
  'a drawing keeps to its size, and counts what it leaves out',
  sizes,
  ({ phones, most }) => {
    const graph = star(phones)
    const { nodes, links, missing } = partDrawn(graph, [], most)
    const drawn = new Set(nodes.map(({ identifier }) => identifier))
    return (
      nodes.length <= Math.max(most, 0) &&
      nodes.length + missing.nodes === graph.nodes.length &&
      links.length + missing.links === graph.links.length &&
      links.every(({ from, to }) => drawn.has(from) && drawn.has(to)) &&
      drawn.has('email:hub@x')
    )
  }
)

t.test('a path is drawn, however little else is', async (t) => {
  const { nodes } = partDrawn(star(50), ['email:far@x', 'phone:999'], 4)
  t.equal(nodes.length, 4)
  const drawn = nodes.map(({ identifier }) => identifier)
  for (const end of ['email:far@x', 'phone:999', 'email:hub@x']) t.ok(drawn.includes(end), end)
})

t.test('what stands out is told by shape and by label', async (t) => {
  const plain = {
    identifier: 'phone:1',
    sharing: 1,
    links: true,
    articulation: false,
    contacts: []
  }
  const marks = [
    plain,
    { ...plain, articulation: true },
    { ...plain, sharing: 3 },
    { ...plain, sharing: 3, articulation: true },
    { ...plain, sharing: 3, links: false }
  ]
  t.strictSame(marks.map(markOf), ['plain', 'weak', 'shared', 'weak-shared', 'unlinked'])
  t.equal(new Set(marks.map(shapeOf)).size, marks.length, 'each has its own shape')
  t.not(shapeOf(plain), shapeOf({ ...plain, identifier: 'email:1@x' }), 'and so has a kind')
  t.strictSame(marks.map(nodeLabel), [
    '1',
    '1\nweak point',
    '1\nshared with 3',
    '1\nweak point\nshared with 3',
    '1\nlinks nobody\nshared with 3'
  ])
})

t.test('a link is told by its evidence and by what keeps it from linking', async (t) => {
  const once = { from: 'a', to: 'b', count: 1, first: 1, latest: 1, asserted: null }
  const live = { ...once, state: 'live' } as const
  t.strictSame([linkText(live), linkLabel(live)], ['seen once', ''], 'a usual one needs no label')
  const asserted = { ...live, count: 0, first: null, latest: null, asserted: 4 }
  t.equal(linkLabel(asserted), 'asserted')
  t.equal(linkLabel({ ...live, count: 2 }), 'seen 2 times')
  t.equal(linkLabel({ ...once, state: 'forbidden' }), 'forbidden, seen once')
})

t.test('every event is told in words', async (t) => {
  const said = { actor: 'ann', reason: 'so' }
  const told = (type: string, data: object) => {
    const words = eventText({ type, data, position: 9, recordedAt: '' } as PublishedEvent)
    return words.map((word) => (typeof word === 'string' ? word : Object.values(word)[0])).join('')
  }
  const seen = { email: 'a@x', phoneNumber: '1', source: 'shop', observedAt: '' }
  t.equal(told('ContactObserved', { ...seen, contact: 3 }), 'New 3: email:a@x and phone:1 (shop)')
  const again = { ...seen, phoneNumber: null, contact: null }
  t.equal(told('ContactObserved', again), 'Seen again: email:a@x (shop)')
  const merged = { survivor: 1, absorbed: [2, 3, 4, 5, 6, 7, 8], cause: 9 }
  t.equal(told('ContactsMerged', merged), '2, 3, 4, 5, 6 and 2 more merged into 1, because of 9')
  const parted = [{ primary: 2, contacts: [2] }]
  t.equal(told('ContactsSplit', { identity: 1, parted, cause: 9 }), '2 parted from 1, because of 9')
  t.equal(
    told('ObservationRetracted', { observation: 4, ...said }),
    'Observation 4 retracted by ann: “so”'
  )
  const on = { identifier: 'email:a@x', ...said }
  t.equal(told('IdentifierBlocked', on), 'email:a@x blocked by ann: “so”')
  t.equal(told('IdentifierUnblocked', on), 'email:a@x unblocked by ann: “so”')
  const between = { between: ['email:a@x', 'phone:1'], ...said }
  for (const [type, done] of Object.entries({
    LinkForbidden: 'forbidden',
    LinkAllowed: 'allowed again',
    LinkAsserted: 'asserted',
    AssertionWithdrawn: 'asserted no more'
  })) {
    t.equal(told(type, between), `Link of email:a@x and phone:1 ${done} by ann: “so”`)
  }
  t.match(told('SharingLimitSet', { kind: 'email', limit: null, ...said }), /no limit by ann/)
  t.match(told('SharingLimitSet', { kind: 'email', limit: 2, ...said }), /at most 2 others by ann/)
})

const stream =
  ': alive\nid: 4\n\nid: 5\nevent: ContactObserved\ndata: {"a":\ndata: 1}\n\nretry: 9\n\n'
const cuts = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 8 })

holds(t, 'a feed is read however its text is cut', cuts, async (cuts) => {
  const ends = [0, ...cuts.sort((a, b) => a - b), stream.length]
  async function* pieces() {
    for (const [nth, end] of ends.slice(1).entries()) yield stream.slice(ends[nth], end)
  }
  const blocks = []
  for await (const block of blocksOf(pieces())) blocks.push(block)
  same(blocks, [
    { id: '4', data: null },
    { id: '5', data: '{"a":\n1}' },
    { id: null, data: null }
  ])
})
