import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { walkIn, walks } from '../../projections/walk.ts'
import { afterTelling, commands } from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'

holds(
  t,
  'a walk at the head takes the links that any walk takes, in their order',
  commands,
  (told) =>
    afterTelling(told, ({ db, view }) => {
      const [quick, general] = [walks(db, view.evidence)(), walkIn(view.evidence)]
      for (const one of db.prepare<[], number>('SELECT number FROM identifiers').pluck().all()) {
        same(quick.live(one), general.live(one))
        same(quick.evident(one), general.evident(one))
      }
    })
)
