import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { digestOf } from '../../projections/digest.ts'
import { graphIn } from '../../projections/evidence/graph.ts'
import { createForFilling, digestSoFar } from '../../projections/filling.ts'
import { projector } from '../../projections/projector.ts'
import { readingView } from '../../projections/reading-view.ts'
import { conclusionsIn } from '../../projections/rows.ts'
import { conclude } from '../../src/domain/conclude.ts'
import { fold } from '../../src/domain/facts.ts'
import type { State } from '../../src/domain/graph.ts'
import {
  between,
  type Command,
  limit,
  numbersIn,
  retract,
  see,
  teller
} from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'
import { sharingIn } from '../support/sharing.ts'

const email = fc.constantFrom('a@x', 'b@x')
const phone = fc.constantFrom('1', '2', '3', '4', '5', '6')

const widelySeen: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(email, phone).map(([one, other]) => see(one, other)) },
  { weight: 1, arbitrary: fc.oneof(email, phone).map(seeAlone) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }).map(retract) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('LinkForbidden' as const, 'LinkAllowed' as const), email, phone)
      .map(([type, one, other]) => between(type, one, other))
  }
)

/** How widely shared identifiers are asked for, above and up to. */
const bounds = (['email', 'phone'] as const).flatMap((kind) =>
  [0, 1, 2, 3, 4, 5].flatMap((above) =>
    [above + 1, above + 3, Number.POSITIVE_INFINITY].map((upTo) => [kind, above, upTo] as const)
  )
)

/** Two mailboxes and six phones that come to be shared by many, and cease to, again and again. */
const widely = fc.array(widelySeen, { maxLength: 60, size: 'max' })

holds(
  t,
  'after each event an identifier is shared with as many others as a count gives',
  widely,
  (commands) => {
    const told = teller()
    for (const command of commands) {
      told.tell([command])
      const expected = sharingIn(told.history)
      const { state, shared } = graphIn(told.db)
      const states = numbersIn(told).flatMap((one) => state(one) ?? [])
      for (const { number, sharing } of states) same(sharing, expected.get(number) ?? 0)
      for (const [kind, above, upTo] of bounds) {
        const within = states.filter((one) => one.kind === kind && isWithin(one, above, upTo))
        same([...shared(kind, above, upTo)].sort(), within.map(({ number }) => number).sort())
      }
    }
    told.db.close()
  },
  { numRuns: 300 }
)

holds(
  t,
  'all counted at once, in a database that is filled, are what is counted one by one',
  widely,
  (commands) => {
    const told = teller()
    told.tell(commands)
    const filled = createForFilling('', 'test')
    projector(filled).hearAll(told.history)
    same(digestSoFar(filled), digestOf(told.db))
    filled.close()
    told.db.close()
  },
  { numRuns: 300 }
)

const limits = fc
  .tuple(fc.constantFrom('email' as const, 'phone' as const), fc.constantFrom(3, 7, 8, 9, null))
  .map(([kind, most]) => limit(kind, most))

const farSeen = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 11 }).map((nth) => see('a@x', `${nth}`)) },
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 11 }).map((nth) => see(`${nth}@x`, '1')) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 60 }).map(retract) },
  { weight: 2, arbitrary: limits }
)

const seenWith = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, nth) => see('a@x', `${from + nth}`))

/** One that few share when a limit is set, and that is over it before anything is read again. */
const overTheLimit = [...seenWith(1, 3), limit('email', 8), ...seenWith(4, 11)]

holds(
  t,
  'limits hold where many share, in whatever batches it is decided',
  fc.array(farSeen, { maxLength: 60, size: 'max' }),
  (commands) => {
    const [together, apart] = [teller(), teller()]
    together.tell(commands, () => 0)
    for (const command of commands) apart.tell([command], () => 0)
    same(together.outcomes, apart.outcomes)
    same(together.history, apart.history)
    same(conclusionsIn(together.db), conclude(fold(together.history)))
    for (const { db } of [together, apart]) db.close()
  },
  { numRuns: 300, examples: [[overTheLimit]] }
)

holds(
  t,
  'each observation is found by its values, whichever of a pair were retracted',
  fc.array(
    fc.oneof(
      phone.map((one) => see('a@x', one < '4' ? '1' : one)),
      fc.integer({ min: 1, max: 30 }).map(retract)
    ),
    { maxLength: 40, size: 'max' }
  ),
  (commands) => {
    const told = teller()
    told.tell(commands)
    const found = (table: string) =>
      told.db
        .prepare(`SELECT position, email, phone_number FROM ${table} ORDER BY position`)
        .raw()
        .all()
    same(found('sightings'), found('observations'))
    told.db.close()
  },
  { numRuns: 300 }
)

t.test('who is shared with four others or more is told by the statistics', async (t) => {
  const told = teller()
  const mostShared = () => readingView(told.db).stats().mostShared
  told.tell(['1', '2', '3'].map((phone) => see('info@x', phone)))
  t.same(mostShared(), [])
  told.tell([see('info@x', '4')])
  t.same(mostShared(), [{ identifier: 'email:info@x', sharing: 4 }])
  told.tell([see('info@x', '4'), see('info@x', '5'), see('a@x', '1')])
  t.same(mostShared(), [{ identifier: 'email:info@x', sharing: 5 }])
  told.tell([between('LinkForbidden', 'info@x', '1'), retract(2)])
  t.same(mostShared(), [])
  told.db.close()
})

function isWithin({ sharing }: State, above: number, upTo: number): boolean {
  return sharing > above && sharing <= upTo
}

function seeAlone(value: string): Command {
  return value.includes('@') ? see(value, null) : see(null, value)
}
