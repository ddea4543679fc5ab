import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { answerOf } from '../../src/domain/answer.ts'
import type { Observation } from '../../src/domain/decide.ts'
import type { LedgerEvent } from '../../src/domain/event.ts'
import {
  answer as answerNow,
  emptyNeighbourhood,
  place,
  primary,
  settle
} from '../../src/domain/neighbourhood.ts'
import { asked, reordered, requests, tell } from '../support/histories.ts'
import { holds } from '../support/holds.ts'
import { oracle } from '../support/oracle.ts'

const [a, b, c, d] = ['a@x', 'b@x', 'c@x', 'd@x']

/** The last answer to these pairs of an email and a phone. */
const answer = (...pairs: [string | null, string | null][]) =>
  tell(pairs.map(([email, phone]) => asked(email, phone))).answers.at(-1)

/** What the last of these pairs put on record. */
const news = (...pairs: [string | null, string | null][]): LedgerEvent[] => {
  const before = tell(pairs.slice(0, -1).map(([email, phone]) => asked(email, phone)))
  const after = tell(pairs.map(([email, phone]) => asked(email, phone)))
  return after.history.slice(before.history.length).map(({ event }) => event)
}

const identity = (ids: number[], emails: string[], phoneNumbers: string[]) => ({
  primaryContactId: ids[0],
  emails,
  phoneNumbers,
  secondaryContactIds: ids.slice(1)
})

t.test('of nothing known, a request makes a primary', async (t) => {
  t.same(answer([a, '1']), identity([1], [a], ['1']))
  t.same(answer([a, null]), identity([1], [a], []))
  t.same(answer([null, '1']), identity([1], [], ['1']))
})

t.test('something known and something new make a secondary', async (t) => {
  t.same(answer([a, '1'], [b, '1']), identity([1, 2], [a, b], ['1']))
  t.same(answer([a, '1'], [a, '2']), identity([1, 2], [a], ['1', '2']))
})

t.test('a request meets its identity through a secondary alone', async (t) => {
  t.same(answer([a, '1'], [b, '1'], [b, '2']), identity([1, 2, 3], [a, b], ['1', '2']))
  t.same(answer([a, '1'], [b, '1'], [b, null]), identity([1, 2], [a, b], ['1']))
})

t.test('all known makes no contact, and is put on record all the same', async (t) => {
  for (const known of [[a, '1'] as const, [a, null] as const, [null, '1'] as const]) {
    t.same(answer([a, '1'], [...known]), identity([1], [a], ['1']))
    t.match(news([a, '1'], [...known]), [{ type: 'ContactObserved', contact: null }])
  }
})

t.test('two values of two identities merge them: the older primary stays', async (t) => {
  const merged = identity([1, 2], [a, b], ['1', '2'])
  t.same(answer([a, '1'], [b, '2'], [a, '2']), merged)
  t.same(answer([a, '1'], [b, '2'], [b, '1']), merged)
})

t.test('a merge mints no contact, and records who absorbed whom and why', async (t) => {
  t.same(news([a, '1'], [b, '2'], [b, '1']), [
    {
      type: 'ContactObserved',
      email: 3,
      phoneNumber: 2,
      contact: null,
      source: 'test',
      observedAt: 2_000
    },
    { type: 'ContactsMerged', survivor: 1, absorbed: [2], cause: 3 }
  ])
})

t.test('the secondaries of a primary that is absorbed link to the one that stays', async (t) => {
  const told = answer([a, '1'], [b, '2'], [c, '2'], [b, '3'], [a, '2'])
  t.same(told, identity([1, 2, 3, 4], [a, b, c], ['1', '2', '3']))
})

t.test('two secondaries merge their identities as well as two primaries do', async (t) => {
  const told = answer([a, '1'], [b, '2'], [c, '1'], [d, '2'], [a, '3'], [b, '4'], [c, '4'])
  t.same(told, identity([1, 2, 3, 4, 5, 6], [a, b, c, d], ['1', '2', '3', '4']))
  t.match(news([a, '1'], [b, '2'], [c, '1'], [d, '4'], [d, '2'], [c, '4']), [
    {},
    { type: 'ContactsMerged', survivor: 1, absorbed: [2] }
  ])
})

t.test('an email alone and a phone alone are linked by a third request', async (t) => {
  t.same(answer([a, null], [null, '1'], [a, '1']), identity([1, 2], [a], ['1']))
})

t.test('an absent value equals no other', async (t) => {
  t.same(answer([a, null], [b, null]), identity([2], [b], []))
  t.same(answer([null, '1'], [null, '2']), identity([2], [], ['2']))
  t.same(answer([a, null], [null, '1'], [b, '2']), identity([3], [b], ['2']))
})

t.test(
  'a primary without an email leaves the first place to the oldest that has one',
  async (t) => {
    const told = answer([null, '1'], [a, '1'], [b, '1'])
    t.same(told, identity([1, 2, 3], [a, b], ['1']))
  }
)

t.test('values go by the age of their contacts, and none comes twice', async (t) => {
  const told = answer([b, '2'], [a, '1'], [b, '3'], [a, '3'], [c, '1'])
  t.same(told, identity([1, 2, 3, 4], [b, a, c], ['2', '1', '3']))
})

t.test('of nobody there is nothing to tell', async (t) => {
  t.throws(() => answerOf([]), /at least one contact/)
  const known = emptyNeighbourhood({ email: 1, phone: 1 })
  for (const unknown of [asked(a, null), asked(null, '1'), asked(null, null)]) {
    t.throws(() => answerNow(known, unknown), /no identity/)
    t.throws(() => primary(known, unknown), /no identity/)
  }
})

t.test('the primary alone is told as the answer tells it', async (t) => {
  const known = emptyNeighbourhood({ email: 1, phone: 1 })
  const group = settle(known, [
    { id: 3, email: a, phoneNumber: null },
    { id: 5, email: b, phoneNumber: '1' }
  ])
  place(known, b, { number: 2, group, room: 0, contested: false })
  t.equal(primary(known, asked(b, null)), 3)
  t.equal(answerNow(known, asked(b, null)).primaryContactId, 3)
})

t.test('the same key with the same body puts nothing on record', async (t) => {
  const once = [asked(a, '1', 'key'), asked(b, '1'), asked(null, '2', 'other')]
  const twice = tell([...once, asked(a, '1', 'key'), asked(null, '2', 'other')])
  t.same(twice.history, tell(once).history)
  t.same(twice.answers.slice(3), [identity([1, 2], [a, b], ['1']), identity([3], [], ['2'])])
})

t.test('the same key with another body is refused', async (t) => {
  const other: [string | null, string | null][] = [
    [b, '1'],
    [a, '2'],
    [a, null],
    [null, '1'],
    [c, '3']
  ]
  for (const [email, phone] of other) {
    const reuse = () => tell([asked(a, '1', 'key'), asked(b, '2'), asked(email, phone, 'key')])
    t.throws(reuse, { name: 'LedgerError', code: 'key_reused' }, `${email} ${phone}`)
  }
  t.throws(() => tell([asked(a, null, 'key'), asked(a, '1', 'key')]), { code: 'key_reused' })
})

holds(t, 'every request is answered as a search through all requests would', requests, (given) => {
  const { identify } = oracle()
  same(tell(given).answers, given.map(identify))
})

holds(t, 'who is one person does not depend on the order of the requests', reordered, (orders) => {
  const [told, again] = orders.map(people)
  same(again, told)
})

/** The values of each identity, asked for when all is told. */
function people(given: readonly Observation[]) {
  const answers = tell([...given, ...given]).answers.slice(given.length)
  const sets = answers.map(({ emails, phoneNumbers }) => [...emails, ...phoneNumbers].sort())
  return [...new Set(sets.map((values) => values.join(' ')))].sort()
}
