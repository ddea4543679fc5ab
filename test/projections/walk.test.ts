import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { walkIn, walks } from '../../projections/walk.ts'
import type { Graph } from '../../src/domain/graph.ts'
import {
  afterTelling,
  between,
  commands,
  numbersIn,
  on,
  see
} from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'

holds(
  t,
  'a walk at the head takes the links that any walk takes, in their order',
  commands,
  (told) =>
    afterTelling(told, (ledger) => {
      const { db, view } = ledger
      const [general, quick, beyond] = [
        walkIn(view.evidence),
        walks(db, view.evidence)(),
        walks(db, view.evidence, 0)()
      ]
      for (const one of numbersIn(ledger)) {
        for (const walk of [quick, beyond]) {
          same(walk.live(one), general.live(one))
          same(walk.evident(one), general.evident(one))
        }
      }
    })
)

t.test('links are taken from what was seen up to a number of special identifiers', async (t) => {
  const told = [see('a@x', '1'), see('b@x', '1'), see('c@x', '1')]
  const special = [on('IdentifierBlocked', 'a@x'), between('LinkForbidden', 'b@x', '1')]
  const unblocked = on('IdentifierUnblocked', 'a@x')
  afterTelling([...told, ...special, unblocked], ({ db, view }) => {
    const { inBulk, ...oneByOne } = view.evidence
    const reads: number[] = []
    const pairsOf = (one: number) => {
      reads.push(one)
      return oneByOne.pairsOf(one)
    }
    const c = view.identifier({ kind: 'email', value: 'c@x' })?.number ?? 0
    const graph: Graph = { ...oneByOne, pairsOf }
    walks(db, graph, 3)().live(c)
    t.same(reads, [])
    walks(db, graph, 2)().live(c)
    t.same(reads, [c])
  })
})
