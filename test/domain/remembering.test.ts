import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Graph, liveLinks } from '../../src/domain/graph.ts'
import { remembering } from '../../src/domain/remembering.ts'
import {
  afterTelling,
  between,
  commands,
  numbersIn,
  see,
  type Teller
} from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'

/** The numbers of all that was observed, and one that was not. */
const numbersAround = (ledger: Teller) => {
  const known = numbersIn(ledger)
  return [...known, known.length + 1]
}

holds(
  t,
  'live links are the same, remembered or not, prefetched or not, read in bulk or not',
  fc.tuple(commands, fc.func(fc.boolean())),
  ([told, isAsked]) =>
    afterTelling(told, (ledger) => {
      const all = numbersAround(ledger)
      const { inBulk, ...oneByOne } = ledger.view.evidence
      const prefetched: Graph = remembering(ledger.view.evidence)
      prefetched.prefetch?.(all.filter((one) => isAsked(one)))
      const graphs = [prefetched, remembering(oneByOne)]
      for (const one of all) {
        const links = liveLinks(oneByOne, one)
        for (const graph of graphs) same(liveLinks(graph, one), links)
      }
    })
)

t.test('what was prefetched is not read again', async (t) => {
  const told = [see('a@x', '1'), see('b@x', '1'), see('c@x', '2'), see('d@x', null)]
  const ruled = [between('LinkAsserted', 'c@x', '1'), between('LinkForbidden', 'b@x', '1')]
  afterTelling([...told, ...ruled], (ledger) => {
    const { evidence } = ledger.view
    const reads: string[] = []
    const noted = <T>(what: string, read: (one: number) => T) => {
      return (one: number): T => {
        reads.push(`${what} of ${one}`)
        return read(one)
      }
    }
    const graph: Graph = remembering({
      ...evidence,
      state: noted('state', evidence.state),
      pairsOf: noted('pairs', evidence.pairsOf),
      rulingsOf: noted('rulings', evidence.rulingsOf)
    })
    const all = numbersAround(ledger)
    graph.prefetch?.(all)
    for (const one of all) liveLinks(graph, one)
    t.same(reads, [])
    graph.prefetch?.([all.length + 1])
    t.same(reads, [`pairs of ${all.length + 1}`, `rulings of ${all.length + 1}`])
  })
})

t.test('what is remembered is not remembered once more', async (t) => {
  afterTelling([see('a@x', '1')], ({ view }) => {
    const graph = remembering(view.evidence)
    t.equal(remembering(graph), graph)
  })
})
