import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { projector } from '../../projections/projector.ts'
import { digestOfDatabase, rowsOf } from '../../projections/rows.ts'
import { conclude, evolve, noFacts, recordedMerges } from '../../src/domain/identity.ts'
import { history, retold } from '../support/histories.ts'
import { holds } from '../support/holds.ts'
import { conclusionsOf, memoryReadModel, shownBy } from '../support/ledger.ts'

holds(t, 'a history shuffled, doubled and cut up shows the same', retold, ([told, batches]) => {
  const db = memoryReadModel()
  let models = projector(db)
  batches.forEach((batch, nth) => {
    const restarts = nth % 3 === 2
    if (restarts) models = projector(db)
    models.hearAll(batch)
  })
  same(digestOfDatabase(db), shownBy([told], digestOfDatabase))
  db.close()
})

holds(t, 'event by event shows the same as a rebuild, up to every position', history, (told) => {
  const db = memoryReadModel()
  const models = projector(db)
  told.forEach((recorded, nth) => {
    models.hearAll([recorded])
    same(digestOfDatabase(db), shownBy([told.slice(0, nth + 1)], digestOfDatabase))
  })
  db.close()
})

holds(t, 'after each event the tables show what the pure fold concludes', history, (told) => {
  const db = memoryReadModel()
  const [models, rows, facts] = [projector(db), rowsOf(db), noFacts()]
  for (const recorded of told) {
    models.hearAll([recorded])
    evolve(facts, recorded)
    same(conclusionsOf(rows), { ...conclude(facts), merges: recordedMerges(facts) })
  }
  db.close()
})
