import t from 'tap'
import { LedgerError } from '../../src/domain/errors.ts'
import { Decision, identifiersOf, isoTime, LedgerEvent } from '../../src/domain/event.ts'
import { parseEvent } from '../../src/domain/stored-event.ts'
import {
  afterTelling,
  between,
  type Command,
  limit,
  on,
  retract,
  see
} from '../support/decided-histories.ts'

/** A history in which every type of event occurs. */
const everything: readonly Command[] = [
  see('a@x', '1'),
  see(null, '2'),
  see('b@x', null),
  see('b@x', '2'),
  on('IdentifierBlocked', '2'),
  on('IdentifierUnblocked', '2'),
  between('LinkForbidden', 'b@x', '2'),
  between('LinkAllowed', '2', 'b@x'),
  between('LinkAsserted', 'a@x', 'b@x'),
  between('AssertionWithdrawn', 'a@x', 'b@x'),
  limit('phone', 0),
  limit('phone', null),
  retract(1)
]
const told = afterTelling(everything, ({ history }) => history)

t.test('an event is read back as it was written', async (t) => {
  const types = new Set(told.map(({ event }) => event.type))
  t.equal(types.size, LedgerEvent.anyOf.length, 'whatever its type')
  for (const { position, event } of told) {
    const { type, ...data } = event
    t.same(parseEvent(position, type, 1, JSON.stringify(data)), event, type)
  }
})

t.test('an event names the identifiers that it saw or is about', async (t) => {
  const causes = told.filter(({ event }) => !('cause' in event))
  t.same(
    causes.map(({ event }) => identifiersOf(event)),
    [[1, 2], [3], [4], [4, 3], [3], [3], [4, 3], [3, 4], [1, 4], [1, 4], [], [], []]
  )
  t.same(
    told.map(({ identifiers }) => identifiers.map(({ number }) => number)),
    told.map(({ event }) => identifiersOf(event))
  )
})

t.test('every decision says who made it and why', async (t) => {
  const decisions = told.flatMap(({ event }) => ('actor' in event ? [event] : []))
  t.equal(new Set(decisions.map(({ type }) => type)).size, Decision.anyOf.length)
  for (const { type, ...data } of decisions) {
    for (const left of ['actor', 'reason']) {
      const said = JSON.stringify({ ...data, [left]: '' })
      t.throws(() => parseEvent(7, type, 1, said), { code: 'corrupt_log' }, `${type}: ${left}`)
    }
  }
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
    ['ContactsMerged', 1, '{"survivor":1', 'is not a valid ContactsMerged.'],
    [
      'ContactsMerged',
      1,
      '{"survivor":1,"absorbed":[],"cause":1}',
      'is not a valid ContactsMerged.'
    ],
    ['ContactObserved', 1, merged, 'is not a valid ContactObserved.']
  ]
  for (const [type, version, data, message] of wrong) {
    const refusal = { code: 'corrupt_log', message: `The event at position 7 ${message}` }
    t.match(
      thrown(() => parseEvent(7, type, version, data)),
      refusal
    )
  }
})

t.test('a time is told in UTC, as far as one can be told', async (t) => {
  t.equal(isoTime(-1), '1969-12-31T23:59:59.999Z')
  t.equal(isoTime(8.64e15), '+275760-09-13T00:00:00.000Z')
  t.throws(() => isoTime(8.64e15 + 1), RangeError)
})

function thrown(act: () => unknown): LedgerError {
  try {
    act()
  } catch (error) {
    if (error instanceof LedgerError) return error
  }
  throw new Error('it was not refused')
}
