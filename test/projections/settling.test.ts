import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import {
  afterTelling,
  between,
  type Command,
  commands,
  on,
  retract,
  see
} from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'

const hub = Array.from({ length: 300 }, (_, nth) => see(`${nth}@x`, '1'))

/** How many rows the last of these commands changes. */
const changedByLast = (...told: Command[]) =>
  afterTelling(told.slice(0, -1), ({ db, tell }) => {
    const changes = db.prepare<[], number>('SELECT total_changes()').pluck()
    const before = changes.get() ?? 0
    tell(told.slice(-1))
    return (changes.get() ?? 0) - before
  })

/** Which contacts have a new state on record, and since which event. */
const settlements = (...told: Command[]) =>
  afterTelling(told, ({ db }) =>
    db.prepare('SELECT contact, position FROM settlements ORDER BY position, contact').raw().all()
  )

t.test('in a large identity a decision writes the rows of those whom it concerns', async (t) => {
  // The first one gives each identifier a place of its own.
  const first = on('IdentifierBlocked', '7@x')
  t.ok(changedByLast(...hub, first) > 300)
  for (const second of [on('IdentifierBlocked', '8@x'), on('IdentifierUnblocked', '7@x')]) {
    const changed = changedByLast(...hub, first, second)
    t.ok(changed > 0 && changed < 30, `${changed} rows`)
  }
  const changed = changedByLast(...hub, first, retract(9))
  t.ok(changed > 0 && changed < 30, `${changed} rows`)
})

t.test('only a contact that is not as its links would have it is settled', async (t) => {
  // That it came apart they do not tell, that it is back they do.
  const parted = [...hub, between('LinkForbidden', '7@x', '1')]
  t.same(settlements(...parted), [[8, 301]])
  t.same(settlements(...parted, between('LinkAllowed', '7@x', '1')), [[8, 301]])
  t.same(settlements(...parted, on('IdentifierBlocked', '9@x')), [[8, 301]])
})

holds(t, 'no tree is left where nobody stands', commands, (told) =>
  afterTelling(told, ({ db }) => {
    const left = db.prepare(/* sql */ `
      SELECT node
      FROM merge_forest
      WHERE node NOT IN (SELECT node FROM identifiers)
        AND node NOT IN (SELECT node FROM minted)
        AND node NOT IN (SELECT parent FROM merge_forest WHERE parent IS NOT NULL)`)
    same(left.all(), [])
  })
)

holds(t, 'nobody hides a value that they do not have', commands, (told) =>
  afterTelling(told, ({ db }) => {
    const hidden = db.prepare(/* sql */ `
      SELECT id
      FROM minted
      WHERE (hidden & 1 AND email = 0) OR (hidden & 2 AND phone_number = 0)`)
    same(hidden.all(), [])
  })
)
