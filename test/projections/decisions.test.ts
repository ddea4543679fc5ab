import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { digestOf } from '../../projections/digest.ts'
import { projector } from '../../projections/projector.ts'
import { conclusionsIn } from '../../projections/rows.ts'
import { conclude } from '../../src/domain/conclude.ts'
import type { Recorded } from '../../src/domain/event.ts'
import { evolve, fold, noFacts } from '../../src/domain/facts.ts'
import { violations } from '../../src/domain/invariants.ts'
import {
  afterTelling,
  aroundMailbox,
  between,
  type Command,
  commands,
  decidedHistory,
  decidedRetold,
  retract,
  see,
  type Teller
} from '../support/decided-histories.ts'
import { expected, picture, type Told } from '../support/decision-oracle.ts'
import { holds } from '../support/holds.ts'
import { shownBy } from '../support/ledger.ts'
import { memoryReadModel } from '../support/memory-read-model.ts'

holds(t, 'what is on record is what the definitions demand', decidedHistory, (told) => {
  const { events } = expected(told as readonly Told[])
  same(recordedBy(told), events)
})

holds(t, 'the table of contacts is what the definitions say', decidedHistory, (told) => {
  const { contacts } = expected(told as readonly Told[])
  same(shownBy([told], contactRows), contacts)
})

holds(t, 'after each event the tables show what the facts conclude', decidedHistory, (told) => {
  const db = memoryReadModel()
  const [models, facts] = [projector(db), noFacts()]
  for (const recorded of told) {
    models.hearAll([recorded])
    evolve(facts, recorded)
    same(violations(conclusionsIn(db), facts), [])
  }
  same(models.contacts.discrepancies(), [])
  db.close()
})

t.test('a link whose first observation is wrong does not follow any more', async (t) => {
  const wrong = (first: number, ...given: Command[]) =>
    afterTelling(given, ({ db, history }) => {
      db.prepare('UPDATE pairs SET first = ?').run(first)
      return violations(conclusionsIn(db), fold(history)).length > 0
    })
  const retracted = [see('a@x', '1'), retract(1)]
  t.notOk(wrong(1, see('a@x', '1')))
  t.ok(wrong(0, see('a@x', '1')), 'none, though there is one')
  t.ok(wrong(2, see('a@x', '1'), see('a@x', '1')), 'a later one')
  t.notOk(wrong(0, ...retracted))
  t.ok(wrong(1, ...retracted), 'one that was retracted')
})

holds(t, 'shuffled, doubled and cut up it shows the same', decidedRetold, ([told, batches]) => {
  const db = memoryReadModel()
  let models = projector(db)
  batches.forEach((batch, nth) => {
    if (nth % 3 === 2) models = projector(db)
    models.hearAll(batch)
  })
  same(digestOf(db), shownBy([told], digestOf))
  same(conclude(fold(batches.flat())), conclude(fold(told)))
  db.close()
})

holds(t, 'the ledger that decided shows what a rebuild shows', commands, (given) =>
  afterTelling(given, ({ db, history }) => {
    same(digestOf(db), shownBy([history], digestOf))
  })
)

/** The same few requests again and again, with a forbidden link among them. */
const repeated = commands.map((given) => [...given, ...given, ...given])

holds(t, 'every request is answered with the identity that holds it', repeated, (given) =>
  // The last third is answered by what is warm from the rest.
  afterTelling(given, (told) => answersHold(told, given, 2 / 3))
)

/** Checks the answers to all requests after this share of them. */
function answersHold({ history, outcomes }: Teller, given: readonly Command[], share = 0) {
  const observed = history.filter(({ event }) => event.type === 'ContactObserved')
  const answers = outcomes.filter((one) => 'primaryContactId' in one)
  same(answers.length, observed.length)
  const asked = given.flatMap((command) => command.asked ?? [])
  for (let nth = Math.floor(share * asked.length); nth < asked.length; nth++) {
    const { email = null, phoneNumber = null } = asked[nth] ?? {}
    const upTo = history.slice(0, observed[nth]?.position)
    same(answers[nth], picture(upTo as readonly Told[]).answerFor(email, phoneNumber))
  }
}

holds(
  t,
  'beside a blocked value the contacts and answers are what the definitions say',
  aroundMailbox,
  (given) =>
    afterTelling(given, (told) => {
      const { history } = told
      const { events, contacts } = expected(history as readonly Told[])
      same(recordedBy(history), events)
      same(shownBy([history], contactRows), contacts)
      answersHold(told, given)
    })
)

t.test('a forbidden pair that is seen again leaves its neighbours as they are', async (t) => {
  const round = [see('b@x', '1'), see('a@x', '1')]
  const told = [see('b@x', '1'), between('LinkForbidden', 'b@x', '1'), ...round, ...round, ...round]
  const last = afterTelling(told, ({ outcomes }) => outcomes.at(-1))
  t.same(last, {
    primaryContactId: 2,
    emails: ['a@x'],
    phoneNumbers: ['1'],
    secondaryContactIds: []
  })
})

/** What the log says of each fact and decision, in the oracle's words. */
function recordedBy(told: readonly Recorded[]) {
  const seen = new Set<number>()
  return told.flatMap(({ position, event, identifiers }) => {
    if (event.type === 'ContactsMerged' || event.type === 'ContactsSplit') return []
    const outcomes = told
      .filter((one) => 'cause' in one.event && one.event.cause === position)
      .map((one) => one.event)
    if (event.type !== 'ContactObserved') {
      return [{ position, contactMinted: false, introduces: [], outcomes }]
    }
    const fresh = identifiers.map(({ number }) => number).filter((number) => !seen.has(number))
    for (const { number } of identifiers) seen.add(number)
    const contactMinted = event.contact !== null
    const introduces = contactMinted ? (event.introduces ?? fresh) : []
    return [{ position, contactMinted, introduces, outcomes }]
  })
}

function contactRows(db: Parameters<typeof digestOf>[0]) {
  return db
    .prepare(/* sql */ `
      SELECT
        linked.id, email.value AS email, phone.value AS phoneNumber, linked_id AS linkedId,
        created_at AS createdAt, updated_at AS updatedAt, withdrawn_at AS deletedAt
      FROM linked
      LEFT JOIN identifiers AS email ON email.number = linked.email
      LEFT JOIN identifiers AS phone ON phone.number = linked.phone_number
      ORDER BY linked.id`)
    .all()
}
