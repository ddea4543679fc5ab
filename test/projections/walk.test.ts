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
      const [general, quick, beyond] = [
        walkIn(view.evidence),
        walks(db, view.evidence)(),
        walks(db, view.evidence, 0)()
      ]
      for (const one of db.prepare<[], number>('SELECT number FROM identifiers').pluck().all()) {
        for (const walk of [quick, beyond]) {
          same(walk.live(one), general.live(one))
          same(walk.evident(one), general.evident(one))
        }
      }
    })
)
