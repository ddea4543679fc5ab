import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { readingView } from '../../projections/reading-view.ts'
import { afterTelling, decidedHistory, see } from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'
import { shownBy } from '../support/ledger.ts'

t.setTimeout(600_000)

holds(t, 'a value is carried by the live contacts whose rows show it', decidedHistory, (told) =>
  shownBy([told], (db) => {
    const view = readingView(db)
    const contacts = told.flatMap(({ event }) => {
      const id = event.type === 'ContactObserved' ? event.contact : null
      return id === null ? [] : [view.contact(id)?.contact]
    })
    for (const { kind, value } of told.flatMap(({ identifiers }) => identifiers)) {
      const shows = contacts.filter(
        (row) =>
          row?.deletedAt === null && (kind === 'email' ? row.email : row.phoneNumber) === value
      )
      const found = view.carriers({ kind, value })
      same(
        found?.contacts,
        shows.map((row) => row?.id)
      )
      const graphed = shows[0] && view.graph(shows[0].id).nodes
      const node = graphed?.find(({ identifier }) => identifier === found?.identifier)
      if (node) same([found?.links, found?.sharing], [node.links, node.sharing])
    }
  })
)

t.test('of very many carriers the oldest are told, and that there are more', async (t) => {
  const crowd = Array.from({ length: 101 }, (_, nth) => see('info@x', String(nth)))
  const mailbox = { kind: 'email', value: 'info@x' } as const
  const hundred = afterTelling(crowd.slice(0, 100), ({ view }) => view.carriers(mailbox))
  t.match(hundred, { contacts: { length: 100 }, more: false, sharing: 100 })
  const more = afterTelling(crowd, ({ view }) => view.carriers(mailbox))
  t.match(more, { contacts: { length: 100 }, more: true, sharing: 101 })
  t.equal(more?.contacts[0], 1)
})

t.test('of what was never seen nobody is told', async (t) => {
  const nobody = { kind: 'phone', value: '1' } as const
  t.equal(
    afterTelling([see('1@x', null)], ({ view }) => view.carriers(nobody)),
    null
  )
})
