import { deepStrictEqual as same, throws } from 'node:assert/strict'
import type Database from 'better-sqlite3'
import fc from 'fast-check'
import t from 'tap'
import { projector } from '../../projections/projector.ts'
import { readingView } from '../../projections/reading-view.ts'
import { LedgerEvent, type Recorded } from '../../src/domain/event.ts'
import { nameOf } from '../../src/domain/identifier.ts'
import { afterTelling, decidedHistory, see } from '../support/decided-histories.ts'
import { batches } from '../support/histories.ts'
import { holds } from '../support/holds.ts'
import { viewOf } from '../support/ledger.ts'
import { memoryReadModel } from '../support/memory-read-model.ts'
import { sharingIn } from '../support/sharing.ts'

t.setTimeout(600_000)

const hour = 60 * 60 * 1_000

/** Histories with decisions that last for some days, before 1970 and after. */
const longHistory = decidedHistory.map((told) =>
  told.map((one) => ({ ...one, recordedAt: (one.recordedAt - 4) * 7 * hour }))
)

holds(
  t,
  'after each batch the numbers are what a count gives',
  longHistory.chain(batches),
  (cut) => {
    const db = memoryReadModel()
    const models = projector(db)
    const { stats } = readingView(db)
    cut.forEach((batch, nth) => {
      models.hearAll(batch)
      same(stats(), counted(db, cut.slice(0, nth + 1).flat()))
    })
    db.close()
  }
)

const step = fc.constantFrom('ask', 'go on', 'go on', 'commit', 'drop')
const steps = fc.array(step, { minLength: 60, maxLength: 60 })

holds(
  t,
  'the writer tells the numbers of all that it recorded, and of nothing that it dropped',
  fc.tuple(longHistory, steps),
  ([told, steps]) => {
    const db = memoryReadModel()
    const view = viewOf(db)
    let [recorded, committed] = [0, 0]
    for (const step of [...steps, ...told.map(() => 'go on')]) {
      const next = told[recorded]
      if (next === undefined) break
      view.record(next)
      recorded++
      if (step === 'ask') same(view.stats(), counted(db, told.slice(0, recorded)))
      if (step === 'commit') view.commit()
      if (step === 'drop') view.drop()
      if (step === 'commit') committed = recorded
      if (step === 'drop') recorded = committed
    }
    same(view.stats(), counted(db, told))
    view.commit()
    same(readingView(db).stats(), counted(db, told))
    db.close()
  }
)

t.test('the ten largest and the ten most shared are told, and no more', async (t) => {
  /** A dozen mailboxes; the later are seen with more phones, each a contact. */
  const sightings = Array.from({ length: 12 }, (_, nth) =>
    Array.from({ length: 4 + Math.floor(nth / 2) }, (_, phone) => see(`${nth}@x`, `${nth}${phone}`))
  )
  const { largest, mostShared, sizes } = afterTelling(sightings.flat(), ({ view }) => view.stats())
  t.same(
    largest.map(({ contacts }) => contacts),
    [9, 9, 8, 8, 7, 7, 6, 6, 5, 5],
    'the largest identities, the largest first'
  )
  t.ok(
    Number(largest[0]?.primaryContactId) < Number(largest[1]?.primaryContactId),
    'then the oldest'
  )
  t.same(
    mostShared.map(({ identifier }) => identifier),
    [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((nth) => `email:${nth}@x`),
    'the most shared identifiers, the most shared first, then the newest'
  )
  t.same(
    sizes,
    [
      { from: 1, to: 1, identities: 0 },
      { from: 2, to: 2, identities: 0 },
      { from: 3, to: 4, identities: 2 },
      { from: 5, to: 8, identities: 8 },
      { from: 9, to: 16, identities: 2 }
    ],
    'sizes stand in classes without a gap'
  )
})

t.test('days are told for a year', async (t) => {
  const merges = Array.from({ length: 370 }, (_, nth) => [
    see(`${nth}@x`, null),
    see(null, `${nth}`),
    see(`${nth}@x`, `${nth}`)
  ])
  const clock = (nth: number) => nth * 8 * hour
  const { days } = afterTelling(merges.flat(), ({ view }) => view.stats(), clock)
  t.equal(days.length, 366)
  t.same(days[0], { day: '1971-01-05', merges: 1, splits: 0 }, 'the latest first')
})

t.test('numbers that could not be written are not counted on', async (t) => {
  const db = memoryReadModel()
  t.teardown(() => db.close())
  const view = viewOf(db)
  const told = afterTelling([see('a@x', '1'), see('a@x', '2')], ({ history }) => history)
  db.exec(`
    CREATE TRIGGER full BEFORE INSERT ON size_classes
    BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`)
  view.record(told[0] as Recorded)
  throws(() => view.stats(), /disk is full/)
  throws(() => view.record(told[1] as Recorded), /disk is full/)
  view.drop()
  db.exec('DROP TRIGGER full')
  for (const recorded of told) view.record(recorded)
  same(view.stats(), counted(db, told))
  t.pass('nothing more is recorded until all of it is dropped')
})

/** The numbers of a history: counted in the table of contacts, and event by event. */
function counted(db: Database.Database, told: readonly Recorded[]): unknown {
  const live = db
    .prepare<[], number>('SELECT coalesce(linkedId, id) FROM contacts WHERE deletedAt IS NULL')
    .pluck()
    .all()
  const identities = [...new Set(live)]
    .map((primaryContactId) => ({
      primaryContactId,
      contacts: live.filter((primary) => primary === primaryContactId).length
    }))
    .sort((a, b) => b.contacts - a.contacts || a.primaryContactId - b.primaryContactId)
  const classes = [
    { from: 1, to: 1 },
    { from: 2, to: 2 },
    { from: 3, to: 4 },
    { from: 5, to: 8 },
    { from: 9, to: 16 },
    { from: 17, to: 32 }
  ]
  const within = (from: number, to: number) =>
    identities.filter(({ contacts }) => contacts >= from && contacts <= to).length
  return {
    events: told.length,
    contacts: live.length,
    identities: identities.length,
    byType: Object.fromEntries(
      LedgerEvent.anyOf.map(({ properties: { type } }) => [
        type.const,
        told.filter(({ event }) => event.type === type.const).length
      ])
    ),
    sizes: classes
      .filter(({ from }) => from <= (identities[0]?.contacts ?? 0))
      .map(({ from, to }) => ({ from, to, identities: within(from, to) })),
    largest: identities.filter(({ contacts }) => contacts > 1).slice(0, 10),
    mostShared: widelyShared(told).slice(0, 10),
    days: daysOf(told)
  }
}

/** The identifiers that are shared with four others or more. */
function widelyShared(told: readonly Recorded[]) {
  const names = new Map(told.flatMap((one) => one.identifiers.map((id) => [id.number, nameOf(id)])))
  return [...sharingIn(told)]
    .filter(([, sharing]) => sharing > 3)
    .sort(([one, least], [other, most]) => most - least || other - one)
    .map(([number, sharing]) => ({ identifier: names.get(number), sharing }))
}

function daysOf(told: readonly Recorded[]) {
  const on = (type: string) =>
    told
      .filter(({ event }) => event.type === type)
      .map(({ recordedAt }) => new Date(recordedAt).toISOString().slice(0, 10))
  const [merges, splits] = [on('ContactsMerged'), on('ContactsSplit')]
  const days = [...new Set([...merges, ...splits])].sort().reverse()
  return days.map((day) => ({
    day,
    merges: merges.filter((one) => one === day).length,
    splits: splits.filter((one) => one === day).length
  }))
}
