import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import type { Graph } from '../../src/domain/graph.ts'
import { regionAround } from '../../src/domain/region.ts'
import { remembering } from '../../src/domain/remembering.ts'
import { reshape } from '../../src/domain/reshape.ts'
import { afterTelling, commands, on, see, type Teller } from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'

const numbersIn = ({ db }: Teller) =>
  db.prepare<[], number>('SELECT number FROM identifiers').pluck().all()

holds(
  t,
  'of each identifier around a home it is told once that it will be asked',
  commands,
  (told) =>
    afterTelling(told, (ledger) => {
      for (const seed of numbersIn(ledger)) {
        const asked: number[] = []
        const graph: Graph = {
          ...remembering(ledger.view.evidence),
          prefetch: (of) => void asked.push(...of)
        }
        const { identifiers } = regionAround(graph, graph, [seed, seed])
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
    let reads = 0
    const counted = <T>(read: (one: number) => T) => {
      return (one: number): T => {
        reads++
        return read(one)
      }
    }
    const identifier = view.identifier({ kind: 'email', value: '8@x' })?.number ?? 0
    const event = { type: 'IdentifierBlocked' as const, identifier, actor: 'ann', reason: 'a test' }
    const { after } = reshape(
      {
        ...evidence,
        state: counted(evidence.state),
        pairsOf: counted(evidence.pairsOf),
        rulingsOf: counted(evidence.rulingsOf)
      },
      { position: 1_000, event, identifiers: [] }
    )
    t.ok(after.some(({ identifiers }) => identifiers.length === 100))
    t.ok(reads < 10, `${reads} reads`)
  })
})
