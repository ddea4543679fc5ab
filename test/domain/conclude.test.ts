import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { conclude } from '../../src/domain/conclude.ts'
import { fold } from '../../src/domain/facts.ts'
import { afterTelling, between, limit, on, retract, see } from '../support/decided-histories.ts'
import { asked, retold, tell } from '../support/histories.ts'
import { holds } from '../support/holds.ts'

/** What follows from these pairs of an email and a phone. */
const concluded = (...pairs: [string | null, string | null][]) =>
  conclude(fold(tell(pairs.map(([email, phone]) => asked(email, phone))).history))

const [a, b, c] = ['a@x', 'b@x', 'c@x']

t.test('a primary links to none, all others link straight to it', async (t) => {
  const { contacts } = concluded([a, '1'], [b, '1'], [b, '2'])
  t.same(contacts, [
    { id: 1, email: 1, phoneNumber: 2, linkedId: null, withdrawn: false },
    { id: 2, email: 3, phoneNumber: 2, linkedId: 1, withdrawn: false },
    { id: 3, email: 3, phoneNumber: 4, linkedId: 1, withdrawn: false }
  ])
})

t.test('an absorbed primary and its secondaries link to the one that stays', async (t) => {
  const { contacts } = concluded([a, '1'], [b, '2'], [c, '2'], [a, '2'])
  t.match(contacts, [{ linkedId: null }, { linkedId: 1 }, { linkedId: 1 }])
})

t.test('a link tells how often two values were seen together, first and last', async (t) => {
  const { links } = concluded([a, '1'], [b, '1'], [a, '2'], [a, '1'])
  t.same(links, [
    { email: 1, phoneNumber: 2, count: 2, first: 1, latest: 4 },
    { email: 1, phoneNumber: 4, count: 1, first: 3, latest: 3 },
    { email: 3, phoneNumber: 2, count: 1, first: 2, latest: 2 }
  ])
})

t.test('a value that was seen alone is told with none beside it', async (t) => {
  const { links } = concluded([a, '1'], [null, '1'], [a, null], [a, null])
  t.same(links, [
    { email: 0, phoneNumber: 2, count: 1, first: 2, latest: 2 },
    { email: 1, phoneNumber: 0, count: 2, first: 3, latest: 4 },
    { email: 1, phoneNumber: 2, count: 1, first: 1, latest: 1 }
  ])
})

t.test('links go by their identifiers, whichever was seen first', async (t) => {
  const { links } = concluded([a, null], [b, '1'], [a, '2'], [a, '1'])
  t.same(
    links.map(({ email, phoneNumber }) => [email, phoneNumber]),
    [
      [1, 0],
      [1, 3],
      [1, 4],
      [2, 3]
    ]
  )
})

t.test('what was decided counts as well, in whatever order it is heard', async (t) => {
  const told = afterTelling(
    [
      ...[see(a, '1'), see(b, '1'), see(b, '2'), see(null, '2'), see(c, '3')],
      ...[see(a, '4'), see(b, '4'), see(c, '4'), limit('phone', 2)],
      ...[between('LinkForbidden', b, '1'), between('LinkAsserted', a, c)],
      ...[on('IdentifierBlocked', '2'), see(null, '2'), retract(3)]
    ],
    ({ history }) => history
  )
  const concluded = conclude(fold(told))
  t.match(concluded.contacts, [
    { id: 1, linkedId: null, withdrawn: false },
    { id: 2, linkedId: null, withdrawn: false },
    { id: 3, linkedId: 2, withdrawn: true },
    { id: 4, linkedId: 1, withdrawn: false },
    { id: 5, linkedId: 1, withdrawn: false },
    { id: 6, linkedId: null, withdrawn: false }
  ])
  t.same(conclude(fold(told.toReversed())), concluded)
})

holds(t, 'a history shuffled, doubled and cut up tells the same', retold, ([told, batches]) =>
  same(conclude(fold(batches.flat())), conclude(fold(told)))
)
