import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { conclude } from '../../src/domain/conclude.ts'
import type { Recorded } from '../../src/domain/event.ts'
import { fold } from '../../src/domain/facts.ts'
import type { Identifier } from '../../src/domain/identifier.ts'
import type { Joining } from '../../src/why.ts'
import { afterTelling, retract, see } from '../support/decided-histories.ts'
import { asked, history, tell } from '../support/histories.ts'
import { holds } from '../support/holds.ts'
import { shownBy, viewOf } from '../support/ledger.ts'

holds(t, 'two values are joined by the first event that left them one person', history, (told) => {
  const joinings = firstJoinings(told)
  shownBy([told], (db) => {
    const { why } = viewOf(db)
    for (const from of identifiersIn(told)) {
      for (const to of identifiersIn(told)) {
        const joinedBy = joinings.get(`${from.number} ${to.number}`) ?? null
        const { connected, ...because } = why(from, to)
        same(connected, joinedBy !== null || from === to)
        same(because.joinedBy, joinedBy)
      }
    }
  })
})

holds(t, 'each step of a proof tells all of its evidence', history, (told) => {
  const { links } = conclude(fold(told))
  const seen = new Map(links.map((link) => [`${link.email} ${link.phoneNumber}`, link]))
  const moment = (position = 0) => ({ position, time: told[position - 1]?.recordedAt })
  shownBy([told], (db) => {
    const { why } = viewOf(db)
    const [first, ...others] = identifiersIn(told)
    for (const { from, to, evidence } of others.flatMap(
      (other) => why(first ?? other, other).chain
    )) {
      const ends = from.kind === 'email' ? [from, to] : [to, from]
      const link = seen.get(ends.map(({ number }) => number).join(' '))
      same(evidence, {
        count: link?.count,
        first: moment(link?.first),
        latest: moment(link?.latest)
      })
    }
  })
})

t.test('the table of contacts is the one of the statement', async (t) => {
  const told = tell([asked('a@x', '1'), asked(null, '2'), asked('a@x', '2')], (nth) => nth * 1_001)
  const rows = shownBy([told.history], (db) => db.prepare('SELECT * FROM contacts').all())
  t.strictSame(rows, [
    {
      id: 1,
      phoneNumber: '1',
      email: 'a@x',
      linkedId: null,
      linkPrecedence: 'primary',
      createdAt: '1970-01-01T00:00:00.000Z',
      updatedAt: '1970-01-01T00:00:00.000Z',
      deletedAt: null
    },
    {
      id: 2,
      phoneNumber: '2',
      email: null,
      linkedId: 1,
      linkPrecedence: 'secondary',
      createdAt: '1970-01-01T00:00:01.001Z',
      updatedAt: '1970-01-01T00:00:02.002Z',
      deletedAt: null
    }
  ])
  const columns = 'id phoneNumber email linkedId linkPrecedence createdAt updatedAt deletedAt'
  t.equal(Object.keys(rows[0] as object).join(' '), columns)
})

t.test('a contact is deleted since it was withdrawn, until it comes back', async (t) => {
  afterTelling([see('a@x', '1'), see('b@x', '1')], ({ view, tell }) => {
    const times = () => {
      const { createdAt, updatedAt, deletedAt } = view.contact(2)?.contact ?? {}
      return [createdAt, updatedAt, deletedAt]
    }
    const [start, later, last] = [0, 5_000, 9_000].map((time) => new Date(time).toISOString())
    t.same(times(), [start, start, null])
    tell([retract(2)], () => 5_000)
    t.same(times(), [start, later, later])
    tell([see('b@x', '1')], () => 9_000)
    t.same(times(), [start, last, null])
  })
})

/** Any millisecond of the years that ISO 8601 writes with four digits. */
const time = fc.integer({ min: Date.UTC(0, 0), max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) })

holds(t, 'a time is told in ISO 8601, to the millisecond', time, (now) => {
  const told = tell([asked('a@x', null)], () => now).history
  const row = shownBy([told], (db) => db.prepare('SELECT createdAt, updatedAt FROM contacts').get())
  const iso = new Date(now).toISOString()
  same({ ...(row as object) }, { createdAt: iso, updatedAt: iso })
})

function identifiersIn(told: readonly Recorded[]): Identifier[] {
  const all = told.flatMap(({ identifiers }) => identifiers)
  return [...new Map(all.map((identifier) => [identifier.number, identifier])).values()]
}

/** What first joined each two identifiers, by concluding anew after every observation. */
function firstJoinings(told: readonly Recorded[]): Map<string, Joining> {
  const joinings = new Map<string, Joining>()
  for (const { position: observation, recordedAt: time, event } of told) {
    if (event.type !== 'ContactObserved') continue
    const merges = told[observation]?.event.type === 'ContactsMerged'
    const people = new Map<number, Set<number>>()
    for (const contact of conclude(fold(told.slice(0, observation))).contacts) {
      const person = people.get(contact.linkedId ?? contact.id) ?? new Set()
      for (const number of [contact.email, contact.phoneNumber]) if (number) person.add(number)
      people.set(contact.linkedId ?? contact.id, person)
    }
    for (const [x, y] of [...people.values()].flatMap(pairs)) {
      if (joinings.has(`${x} ${y}`)) continue
      joinings.set(
        `${x} ${y}`,
        merges
          ? { type: 'ContactsMerged', position: observation + 1, time, observation }
          : { type: 'ContactObserved', position: observation, time, observation }
      )
    }
  }
  return joinings
}

function pairs(numbers: Set<number>): [number, number][] {
  const all = [...numbers]
  return all.flatMap((x) => all.filter((y) => y !== x).map((y): [number, number] => [x, y]))
}
