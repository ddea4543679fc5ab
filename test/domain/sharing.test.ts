import { equal } from 'node:assert/strict'
import t from 'tap'
import { sharingIn } from '../../src/domain/sharing.ts'
import {
  afterTelling,
  between,
  type Command,
  commands,
  numbersIn,
  retract,
  see
} from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'
import { sharingIn as byDefinition } from '../support/sharing.ts'

holds(
  t,
  'counted anew, an identifier is shared with as many as live observations show beside it',
  commands,
  (given) =>
    afterTelling(given, (told) => {
      const expected = byDefinition(told.history)
      for (const number of numbersIn(told)) {
        equal(sharingIn(told.view.evidence, number), expected.get(number) ?? 0)
      }
    }),
  { numRuns: 300 }
)

/** With how many others the first identifier is seen after these commands. */
const shared = (...given: readonly Command[]) =>
  afterTelling(given, ({ view }) => sharingIn(view.evidence, 1))

t.test('what is seen alone, retracted or forbidden is shared with nobody', async (t) => {
  t.equal(shared(see('a@x', null)), 0)
  t.equal(shared(see('a@x', '1'), see('a@x', '1'), see('a@x', '2')), 2)
  t.equal(shared(see('a@x', '1'), retract(1)), 0)
  t.equal(shared(see('a@x', '1'), between('LinkForbidden', 'a@x', '1')), 0)
  const allowed = between('LinkAllowed', 'a@x', '1')
  t.equal(shared(see('a@x', '1'), between('LinkForbidden', 'a@x', '1'), allowed), 1)
})
