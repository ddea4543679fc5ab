import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { LedgerError } from '../../src/domain/errors.ts'
import { identifiersOf, parseEvent } from '../../src/domain/event.ts'
import { conclude, fold, recordedMerges } from '../../src/domain/identity.ts'
import { asked, history, retold, tell } from '../support/histories.ts'
import { holds } from '../support/holds.ts'

/** What follows from these pairs of an email and a phone; the nth is asked at its time. */
const concluded = (...timed: [number, string | null, string | null][]) =>
  conclude(
    fold(
      tell(
        timed.map(([, email, phone]) => asked(email, phone)),
        (nth) => timed[nth]?.[0] ?? 0
      ).history
    )
  )

const [a, b, c] = ['a@x', 'b@x', 'c@x']

t.test('a primary links to none, all others link straight to it', async (t) => {
  const { contacts } = concluded([10, a, '1'], [20, b, '1'], [30, b, '2'])
  t.same(contacts, [
    contact({ id: 1, email: 1, phoneNumber: 2, linkedId: null, createdAt: 10, updatedAt: 10 }),
    contact({ id: 2, email: 3, phoneNumber: 2, linkedId: 1, createdAt: 20, updatedAt: 20 }),
    contact({ id: 3, email: 3, phoneNumber: 4, linkedId: 1, createdAt: 30, updatedAt: 30 })
  ])
})

t.test('an absorbed primary and its secondaries are linked anew at that time', async (t) => {
  const { contacts, merges } = concluded([1, a, '1'], [2, b, '2'], [3, c, '2'], [9, a, '2'])
  t.same(merges, [{ cause: 4, survivor: 1, absorbed: 2 }])
  t.match(contacts, [
    { linkedId: null, updatedAt: 1 },
    { linkedId: 1, createdAt: 2, updatedAt: 9 },
    { linkedId: 1, createdAt: 3, updatedAt: 9 }
  ])
})

t.test('the contacts of the primary that stays are not linked anew', async (t) => {
  const { contacts } = concluded([1, a, '1'], [2, b, '1'], [3, null, '2'], [4, a, '2'])
  t.match(contacts, [
    { updatedAt: 1 },
    { linkedId: 1, updatedAt: 2 },
    { linkedId: 1, updatedAt: 4 }
  ])
})

t.test('no contact is linked before it was minted, though clocks go backwards', async (t) => {
  const { contacts } = concluded([1, a, '1'], [8, b, '2'], [4, a, '2'])
  t.match(contacts, [{ updatedAt: 1 }, { createdAt: 8, updatedAt: 8 }])
})

t.test('a contact is not linked by a merge that came before it', async (t) => {
  const { contacts } = concluded([1, a, '1'], [2, b, '2'], [9, b, '1'], [4, b, '3'])
  t.match(contacts, [{}, { updatedAt: 9 }, { createdAt: 4, updatedAt: 4 }])
})

t.test('a link tells how often two values were seen together, first and last', async (t) => {
  const { links } = concluded([1, a, '1'], [2, b, '1'], [3, a, null], [4, a, '1'])
  t.same(links, [
    { email: 1, phoneNumber: 2, count: 2, first: 1, latest: 4 },
    { email: 3, phoneNumber: 2, count: 1, first: 2, latest: 2 }
  ])
})

t.test('links go by their identifiers, whichever was seen first', async (t) => {
  const { links } = concluded([1, a, null], [2, b, '1'], [3, a, '2'], [4, a, '1'])
  t.same(
    links.map(({ email, phoneNumber }) => [email, phoneNumber]),
    [
      [1, 3],
      [1, 4],
      [2, 3]
    ]
  )
})

t.test('recorded merges go by their cause, then by who was absorbed', async (t) => {
  const merged = (position: number, cause: number, ...absorbed: number[]) => ({
    position,
    recordedAt: 0,
    identifiers: [],
    event: { type: 'ContactsMerged' as const, survivor: 1, absorbed, cause }
  })
  t.same(recordedMerges(fold([merged(9, 8, 5, 3), merged(3, 2, 4)])), [
    { cause: 2, survivor: 1, absorbed: 4 },
    { cause: 8, survivor: 1, absorbed: 3 },
    { cause: 8, survivor: 1, absorbed: 5 }
  ])
})

t.test('an event is read back as it was written', async (t) => {
  for (const { position, event } of tell([asked(a, '1', 'key'), asked(b, null)]).history) {
    const { type, ...data } = event
    t.same(parseEvent(position, type, 1, JSON.stringify(data)), event)
  }
})

t.test('an event names the identifiers that it saw', async (t) => {
  const told = tell([asked(a, '1'), asked(null, '2'), asked(b, null), asked(b, '2')]).history
  t.same(
    told.map(({ event }) => identifiersOf(event)),
    [[1, 2], [3], [4], [4, 3], []]
  )
  t.same(
    told.map(({ identifiers }) => identifiers.map(({ number }) => number)),
    told.map(({ event }) => identifiersOf(event))
  )
})

t.test('what is no event that this program knows is a corrupt log', async (t) => {
  const merged = '{"survivor":1,"absorbed":[2],"cause":1}'
  const wrong: [string, number, string, string][] = [
    [
      'ContactsSwapped',
      1,
      merged,
      'is a ContactsSwapped of version 1, which this program does not'
    ],
    ['ContactsMerged', 2, merged, 'is a ContactsMerged of version 2, which this program does not'],
    ['ContactsMerged', 1, '{"survivor":1', 'is no valid ContactsMerged.'],
    ['ContactsMerged', 1, '{"survivor":1,"absorbed":[],"cause":1}', 'is no valid ContactsMerged.'],
    ['ContactObserved', 1, merged, 'is no valid ContactObserved.']
  ]
  for (const [type, version, data, message] of wrong) {
    const refusal = { code: 'corrupt_log', message: `The event at position 7 ${message}` }
    t.match(
      thrown(() => parseEvent(7, type, version, data)),
      refusal
    )
  }
})

holds(t, 'a history shuffled, doubled and cut up tells the same', retold, ([told, batches]) =>
  same(conclude(fold(batches.flat())), conclude(fold(told)))
)

holds(t, 'the merges on record are those that follow from what was observed', history, (told) =>
  same(recordedMerges(fold(told)), conclude(fold(told)).merges)
)

function contact<T>(known: T) {
  return { ...known, deletedAt: null }
}

function thrown(act: () => unknown): LedgerError {
  try {
    act()
  } catch (error) {
    if (error instanceof LedgerError) return error
  }
  throw new Error('it was not refused')
}
