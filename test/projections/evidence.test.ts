import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { graphIn } from '../../projections/evidence/graph.ts'
import { afterTelling, commands, numbersIn } from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'

holds(
  t,
  'what is read of many identifiers at once is what is read of each',
  fc.tuple(commands, fc.func(fc.boolean())),
  ([told, isAsked]) =>
    afterTelling(told, (ledger) => {
      const { inBulk, ...oneByOne } = graphIn(ledger.db)
      const all = numbersIn(ledger)
      const asked = all.filter((one) => isAsked(one))
      const states = inBulk?.states(asked)
      const pairs = inBulk?.pairs(asked)
      const rulings = inBulk?.rulings(asked)
      for (const one of all) {
        const wanted = asked.includes(one)
        same(states?.get(one), wanted ? oneByOne.state(one) : undefined)
        same(pairs?.get(one) ?? [], wanted ? oneByOne.pairsOf(one) : [])
        same(rulings?.get(one) ?? [], wanted ? oneByOne.rulingsOf(one) : [])
      }
    })
)
