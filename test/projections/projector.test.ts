import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { digestOf } from '../../projections/digest.ts'
import { projector } from '../../projections/projector.ts'
import { conclusionsIn } from '../../projections/rows.ts'
import { conclude } from '../../src/domain/conclude.ts'
import type { ContactObserved, Recorded } from '../../src/domain/event.ts'
import { evolve, noFacts } from '../../src/domain/facts.ts'
import { afterTelling, on, see } from '../support/decided-histories.ts'
import { asked, history, retold, tell } from '../support/histories.ts'
import { holds } from '../support/holds.ts'
import { shownBy } from '../support/ledger.ts'
import { memoryReadModel } from '../support/memory-read-model.ts'

holds(t, 'a history shuffled, doubled and cut up shows the same', retold, ([told, batches]) => {
  const db = memoryReadModel()
  let models = projector(db)
  batches.forEach((batch, nth) => {
    const restarts = nth % 3 === 2
    if (restarts) models = projector(db)
    models.hearAll(batch)
  })
  same(digestOf(db), shownBy([told], digestOf))
  db.close()
})

t.test('the digest tells with how many others an identifier is shared', async (t) => {
  const db = memoryReadModel()
  const models = projector(db)
  const requests = ['1', '2', '3', '4'].map((phone) => asked('a@x', phone))
  models.hearAll(tell(requests, () => 0).history)
  const digest = digestOf(db)
  db.exec('UPDATE sharing SET others = 5')
  t.not(digestOf(db), digest)
  db.exec('DELETE FROM sharing')
  t.not(digestOf(db), digest)
  db.close()
})

holds(t, 'event by event shows the same as a rebuild, up to every position', history, (told) => {
  const db = memoryReadModel()
  const models = projector(db)
  told.forEach((recorded, nth) => {
    models.hearAll([recorded])
    same(digestOf(db), shownBy([told.slice(0, nth + 1)], digestOf))
  })
  db.close()
})

holds(t, 'after each event the tables show what the facts conclude', history, (told) => {
  const db = memoryReadModel()
  const [models, facts] = [projector(db), noFacts()]
  for (const recorded of told) {
    models.hearAll([recorded])
    evolve(facts, recorded)
    same(conclusionsIn(db), conclude(facts))
  }
  db.close()
})

holds(t, 'the merges on record are those that follow from what was observed', history, (told) => {
  same(discrepancies(told), [])
})

/** Two merges, and the split of all three. */
const told = afterTelling(
  [
    ...[see('a@x', '1'), see('b@x', '2'), see('b@x', '1')],
    ...[see('c@x', '3'), see('c@x', '1'), on('IdentifierBlocked', '1')]
  ],
  ({ history }) => history
)
const [mergeAt, splitAt] = [7, 9]
const seenAgain = told[0]?.event as ContactObserved

/** The history with one event changed. */
const altered = (position: number, change: object) =>
  told.map((one) =>
    one.position === position ? ({ ...one, event: { ...one.event, ...change } } as Recorded) : one
  )

const merge = 'the merge of 3 into 1 by 6'
const split = 'the split of 2, 3 from 1 by 8'

t.test('a merge or split that is missing is found', async (t) => {
  t.same(discrepancies(told), [], 'where none is missing, none is found')
  for (const [position, missing] of [
    [mergeAt, merge],
    [splitAt, split]
  ] as const) {
    const upTo = told.slice(0, position - 1)
    t.same(discrepancies(upTo), [`${missing} is not on record`], 'at the head')
    t.same(discrepancies([...upTo, unrelated(position)]), [`${missing} is not on record`])
  }
})

t.test('a merge or split that is wrong is found', async (t) => {
  const wrong: [number, object, string, string][] = [
    [mergeAt, { survivor: 2 }, 'the merge of 3 into 2 by 6', merge],
    [mergeAt, { absorbed: [4] }, 'the merge of 4 into 1 by 6', merge],
    [mergeAt, { cause: 5 }, 'the merge of 3 into 1 by 5', merge],
    [splitAt, { identity: 2 }, 'the split of 2, 3 from 2 by 8', split],
    [splitAt, { cause: 7 }, 'the split of 2, 3 from 1 by 7', split],
    [splitAt, { parted: [{ primary: 3, contacts: [2, 3] }] }, 'the split of 3 from 1 by 8', split],
    [splitAt, { parted: parts([2], [3, 4]) }, split, split]
  ]
  for (const [position, change, recorded, follows] of wrong) {
    t.same(discrepancies(altered(position, change)), [
      `position ${position}: ${recorded} does not follow`,
      `${follows} is not on record`
    ])
  }
})

t.test('a merge or split that nothing caused is found', async (t) => {
  const caused = { type: 'ContactsMerged', survivor: 1, absorbed: [3], cause: 9 }
  const more = [...told, { ...unrelated(10), event: caused, identifiers: [] } as Recorded]
  t.same(discrepancies(more), ['position 10: the merge of 3 into 1 by 9 does not follow'])
})

t.test('one merge or split cannot be on record twice', async (t) => {
  for (const position of [mergeAt, splitAt]) {
    const upTo = told.slice(0, position)
    const again = { ...(upTo.at(-1) as Recorded), position: position + 1 }
    t.throws(() => discrepancies([...upTo, again]), { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' })
  }
})

t.test('an absorbed primary and its secondaries are linked anew at that time', async (t) => {
  const rows = updated([1, 'a@x', '1'], [2, 'b@x', '2'], [3, 'c@x', '2'], [9, 'a@x', '2'])
  t.same(rows, [
    { id: 1, linkedId: null, createdAt: 1, updatedAt: 1 },
    { id: 2, linkedId: 1, createdAt: 2, updatedAt: 9 },
    { id: 3, linkedId: 1, createdAt: 3, updatedAt: 9 }
  ])
})

t.test('the contacts of the primary that stays are not linked anew', async (t) => {
  const rows = updated([1, 'a@x', '1'], [2, 'b@x', '1'], [3, null, '2'], [4, 'a@x', '2'])
  t.match(rows, [
    { linkedId: null, updatedAt: 1 },
    { linkedId: 1, updatedAt: 2 },
    { linkedId: 1, updatedAt: 4 }
  ])
})

t.test('no contact is linked before it was minted, though clocks go backwards', async (t) => {
  const rows = updated([1, 'a@x', '1'], [8, 'b@x', '2'], [4, 'a@x', '2'])
  t.match(rows, [{ updatedAt: 1 }, { linkedId: 1, createdAt: 8, updatedAt: 8 }])
})

t.test('a contact is not linked by a merge that came before it', async (t) => {
  const rows = updated([1, 'a@x', '1'], [2, 'b@x', '2'], [9, 'b@x', '1'], [4, 'b@x', '3'])
  t.match(rows, [{}, { updatedAt: 9 }, { linkedId: 1, createdAt: 4, updatedAt: 4 }])
})

/** Where these events, told in order, lack an outcome or record another than follows. */
function discrepancies(told: readonly Recorded[]): readonly string[] {
  const db = memoryReadModel()
  try {
    const models = projector(db)
    models.hearAll(told)
    return models.contacts.discrepancies()
  } finally {
    db.close()
  }
}

/** An observation that changes no identity. */
function unrelated(position: number): Recorded {
  return { ...(told[0] as Recorded), position, event: { ...seenAgain, contact: null } }
}

function parts(...contacts: number[][]) {
  return contacts.map((contacts) => ({ primary: contacts[0], contacts }))
}

/** How contacts are linked, and since when, after these pairs, each asked at its time. */
function updated(...timed: [number, string | null, string | null][]) {
  const requests = timed.map(([, email, phone]) => asked(email, phone))
  const { history } = tell(requests, (nth) => timed[nth]?.[0] ?? 0)
  return shownBy([history], (db) =>
    db
      .prepare(/* sql */ `
        SELECT id, linked_id AS linkedId, created_at AS createdAt, updated_at AS updatedAt
        FROM linked
        ORDER BY id`)
      .all()
  )
}
