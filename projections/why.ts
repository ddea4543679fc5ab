import type Database from 'better-sqlite3'
import { earliestChain } from '../src/domain/causal-chain.ts'
import { linksAlong } from '../src/domain/chain.ts'
import type { IdentifierNumber, Position } from '../src/domain/event.ts'
import { type Step, shortestChain } from '../src/domain/explain.ts'
import type { Graph } from '../src/domain/graph.ts'
import { strengthBetween } from '../src/domain/strength.ts'
import type { ReadingView } from '../src/views.ts'
import type { Joining, JoiningStep, Why } from '../src/why.ts'
import { lineageQueries } from './contacts/lineage.ts'
import { type Ends, endQueries, identifierIn, sameHome } from './ends.ts'
import { graphsAt } from './evidence/graph-at.ts'
import { evidenceQueries } from './evidence/queries.ts'
import { hindrances } from './hindrances.ts'
import { partings } from './parting.ts'
import { bounded, type Walk, walkIn, walks, withinBounds } from './walk.ts'

/** How many identifiers are visited for what takes a whole identity to tell. */
const mostVisited = 5_000

/** Why two ends are one person, or why they are not: at the head, or as of a position. */
export function whyQueries(db: Database.Database, head: Graph): ReadingView['why'] {
  const endsOf = endQueries(db)
  const graphAt = graphsAt(db)
  const startWalk = walks(db, head)
  const evidence = evidenceQueries(db)
  const lineage = lineageQueries(db)
  const parting = partings(db, graphAt, evidence)
  const hindered = hindrances(evidence)

  /** The steps of a chain with all of their evidence. */
  const steps = (chain: readonly IdentifierNumber[], graph: Graph, at?: Position | 0): Step[] =>
    linksAlong(chain).map((ends) => {
      const [from, to] = [identifierIn(graph, ends[0]), identifierIn(graph, ends[1])]
      const ruling = graph.rulingsOf(from.number).find((one) => one.to === to.number)
      const asserted = ruling?.asserted ? evidence.happened(ruling.asserted) : null
      const [email, phoneNumber] = from.kind === 'email' ? [from, to] : [to, from]
      const values = { email: email.number, phoneNumber: phoneNumber.number }
      const seen = from.kind === to.kind ? null : evidence.seen(values, at)
      const moment = asserted && { position: asserted.position, time: asserted.time }
      if (seen === null && moment === null) throw new Error('a link has no evidence')
      const told = seen ?? {
        count: 0,
        first: moment as Step['evidence']['first'],
        latest: moment as Step['evidence']['first']
      }
      return { from, to, evidence: told, asserted: moment }
    })

  const joining = (position: Position, upTo: Position): Joining => {
    const cause = evidence.happened(position)
    const merge = lineage.mergeBy(position, upTo)
    const told =
      merge === null ? cause : { ...cause, type: 'ContactsMerged' as const, position: merge }
    return { ...told, observation: position }
  }

  const connected = (ends: Ends['between'], walk: Walk, graph: Graph, at?: Position): Why => {
    const [a, b] = [ends[0].number, ends[1].number]
    const chain = shortestChain(walk.live, a, b)
    if (chain === null) throw new Error(`identifiers ${a} and ${b} are one, but no chain shows it`)
    const upTo = at ?? Number.MAX_SAFE_INTEGER
    const neighbours = (of: IdentifierNumber) => walk.live(of).map(({ to }) => to)
    const strength = a === b ? null : strengthBetween(neighbours, a, b, mostVisited)
    // Whatever is too large to be searched has no history: the past is told whatever its size.
    const tooLarge = strength === null && a !== b
    const causal = tooLarge && at === undefined ? null : earliestChain(walk.live, a, b)
    const how = causal && joiningSteps(causal, walk, graph, upTo)
    const since = how?.at(-1)?.since.position ?? (a === b ? null : lineage.joinedSince(a, b))
    return {
      connected: true,
      between: ends,
      chain: steps(chain, graph, at),
      joinedBy: since === null ? null : joining(since, upTo),
      how,
      strength: strength && {
        ...strength,
        weakPoints: strength.weakPoints.map((number) => identifierIn(graph, number))
      },
      parted: null,
      but: null,
      unsearched: [
        ...(how === null ? ['how' as const] : []),
        ...(tooLarge ? ['strength' as const] : [])
      ]
    }
  }

  /** The links of a chain by the order in which they came about. */
  const joiningSteps = (
    chain: readonly IdentifierNumber[],
    walk: Walk,
    graph: Graph,
    upTo: Position
  ): JoiningStep[] => {
    const links = linksAlong(chain).map(([from, to]) => {
      const since = walk.live(from).find((link) => link.to === to)?.since as Position
      const merge = lineage.mergeBy(since, upTo)
      return {
        from: identifierIn(graph, from),
        to: identifierIn(graph, to),
        since: evidence.happened(since),
        merge
      }
    })
    return links.sort((a, b) => a.since.position - b.since.position)
  }

  const unconnected = (ends: Ends['between'], walk: Walk, graph: Graph, at?: Position): Why => {
    const [a, b] = [ends[0].number, ends[1].number]
    const evident = bounded(walk.evident, mostVisited)
    const chain = a === b ? null : withinBounds(() => shortestChain(evident, a, b))
    const upTo = at ?? Number.MAX_SAFE_INTEGER
    const parted = parting(a, b, upTo)
    return {
      connected: false,
      between: ends,
      chain: [],
      joinedBy: null,
      how: null,
      strength: null,
      parted: parted ?? null,
      but: chain ? hindered(steps(chain, graph, at), graph, upTo) : null,
      unsearched: [
        ...(parted === undefined ? ['parted' as const] : []),
        ...(chain === undefined ? ['but' as const] : [])
      ]
    }
  }

  /** Whether two homes are of one identity. */
  const together = (homes: Ends['homes'], walk: Walk, at?: Position) => {
    if (sameHome(homes)) return true
    const [one, other] = homes
    if (typeof one === 'object' || typeof other === 'object') return false
    return at === undefined
      ? lineage.together(one, other)
      : shortestChain(walk.live, one, other) !== null
  }

  return (from, to, at) => {
    const graph = at === undefined ? head : graphAt(at)
    const walk = at === undefined ? startWalk() : walkIn(graph)
    const { homes, between } = endsOf(from, to, graph, at)
    return together(homes, walk, at)
      ? connected(between, walk, graph, at)
      : unconnected(between, walk, graph, at)
  }
}
