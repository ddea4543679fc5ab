import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Graph } from '../../src/domain/graph.ts'
import { regionAround } from '../../src/domain/region.ts'
import { remembering } from '../../src/domain/remembering.ts'
import { reshape } from '../../src/domain/reshape.ts'
import { type Supposed, supposing } from '../../src/domain/supposing.ts'
import { afterTelling, commands, numbersIn, on, see } from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'

/** A block that comes next. */
const blocked = (identifier: number): Supposed => ({
  position: 1_000,
  event: { type: 'IdentifierBlocked', identifier, actor: 'ann', reason: 'a test' },
  identifiers: []
})

holds(
  t,
  'of each identifier around a home it is told once that it will be asked',
  fc.tuple(commands, fc.boolean()),
  ([told, changes]) =>
    afterTelling(told, (ledger) => {
      for (const seed of numbersIn(ledger)) {
        const asked: number[] = []
        const graph = remembering(ledger.view.evidence)
        const before: Graph = { ...graph, prefetch: (of) => void asked.push(...of) }
        const after = changes ? supposing(graph, blocked(seed)) : before
        const { identifiers } = regionAround(before, after, [seed, seed])
        same(asked, [...identifiers])
      }
    })
)

t.test('what an identity of many is asked takes a few statements, and little else', async (t) => {
  const shared = Array.from({ length: 100 }, (_, nth) => [
    see(`${nth}@x`, '1'),
    see(`${nth}@x`, '2')
  ])
  afterTelling([...shared.flat(), on('IdentifierBlocked', '7@x')], ({ view }) => {
    const { evidence } = view
    let statements = 0
    const counted = <Asked, Told>(read: (asked: Asked) => Told) => {
      return (asked: Asked): Told => {
        statements++
        return read(asked)
      }
    }
    const { inBulk = never() } = evidence
    const graph = {
      ...evidence,
      state: counted(evidence.state),
      pairsOf: counted(evidence.pairsOf),
      pair: counted(evidence.pair),
      carriedSince: counted(evidence.carriedSince),
      rulingsOf: counted(evidence.rulingsOf),
      inBulk: {
        states: counted(inBulk.states),
        pairs: counted(inBulk.pairs),
        rulings: counted(inBulk.rulings)
      }
    }
    const identifier = view.identifier({ kind: 'email', value: '8@x' })?.number ?? 0
    const { after } = reshape(graph, blocked(identifier))
    t.ok(after.some(({ identifiers }) => identifiers.length === 100))
    t.ok(statements < 15, `${statements} statements`)
  })
})

function never(): never {
  throw new Error('nothing is read in bulk')
}
