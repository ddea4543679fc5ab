import type Database from 'better-sqlite3'
import { earliestChain } from '../src/domain/causal-chain.ts'
import { LedgerError } from '../src/domain/errors.ts'
import type { IdentifierNumber, Position } from '../src/domain/event.ts'
import { type Step, shortestChain } from '../src/domain/explain.ts'
import { type Graph, homeOfContact, type Values } from '../src/domain/graph.ts'
import { type Identifier, nameOf } from '../src/domain/identifier.ts'
import { strengthBetween } from '../src/domain/strength.ts'
import type { End, ReadingView } from '../src/views.ts'
import type { Joining, JoiningStep, Why } from '../src/why.ts'
import { lineageQueries } from './contacts/lineage.ts'
import { graphsAt } from './evidence/graph-at.ts'
import { evidenceQueries } from './evidence/queries.ts'
import { hindrances } from './hindrances.ts'
import { partings } from './parting.ts'
import { bounded, type Walk, walkIn, walks, withinBounds } from './walk.ts'

/** How many identifiers are visited for what takes a whole identity to tell. */
const mostVisited = 5_000

const statements = (db: Database.Database) => ({
  minted: db.prepare<[number], Values & { readonly position: Position }>(/* sql */ `
    SELECT email, phone_number AS phoneNumber, position
    FROM minted
    WHERE id = ?`),
  number: db
    .prepare<[string, string], number>(/* sql */ `
      SELECT number
      FROM identifiers
      WHERE value = ? AND kind = ?`)
    .pluck(),
  observedBy: db
    .prepare<[{ of: number; at: Position | 0 }], number>(/* sql */ `
      SELECT EXISTS (
        SELECT 1
        FROM pairs
        JOIN observations AS seen
          ON seen.email = pairs.email AND seen.phone_number = pairs.phone_number
        WHERE (pairs.email = :of OR pairs.phone_number = :of) AND seen.position <= :at)`)
    .pluck()
})

/** Why two ends are one person, or why they are not: at the head, or as of a position. */
export function whyQueries(db: Database.Database, head: Graph): ReadingView['why'] {
  const sql = statements(db)
  const graphAt = graphsAt(db)
  const startWalk = walks(db, head)
  const evidence = evidenceQueries(db)
  const lineage = lineageQueries(db)
  const parting = partings(db, graphAt, evidence)
  const hindered = hindrances(evidence)

  /** The identifier that an end stands for. */
  const resolve = (end: End, graph: Graph, at: Position | undefined): Identifier => {
    const number = 'contact' in end ? homeOf(end.contact, graph, at) : numberOf(end, at)
    const found = number === undefined ? null : graph.state(number)
    if (found !== null) return { number: found.number, kind: found.kind, value: found.value }
    const name = 'contact' in end ? `contact:${end.contact}` : nameOf(end)
    throw new LedgerError('not_found', `Nothing is known of ${name}.`)
  }

  const homeOf = (contact: number, graph: Graph, at = Number.POSITIVE_INFINITY) => {
    const minted = sql.minted.get(contact)
    if (minted === undefined || minted.position > at) return undefined
    const own = graph.pair(minted).contacts.find(({ id }) => id === contact)
    const home = own && homeOfContact(graph, minted, own)
    return typeof home === 'object' ? home.email || home.phoneNumber : home
  }

  const numberOf = ({ kind, value }: Pick<Identifier, 'kind' | 'value'>, at?: Position) => {
    const number = sql.number.get(value, kind)
    if (number === undefined || at === undefined) return number
    return sql.observedBy.get({ of: number, at }) === 1 ? number : undefined
  }

  const identifierIn = (graph: Graph, number: IdentifierNumber): Identifier => {
    const state = graph.state(number)
    if (state === null) throw new Error(`identifier ${number} is not in the read model`)
    return { number, kind: state.kind, value: state.value }
  }

  /** The steps of a chain with all of their evidence. */
  const steps = (chain: readonly IdentifierNumber[], graph: Graph, at?: Position | 0): Step[] =>
    chain.slice(1).map((number, nth) => {
      const from = identifierIn(graph, chain[nth] as number)
      const to = identifierIn(graph, number)
      const ruling = graph.rulingsOf(from.number).find((one) => one.to === number)
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

  const connected = (ends: Ends, walk: Walk, graph: Graph, at?: Position): Why => {
    const [a, b] = [ends[0].number, ends[1].number]
    const chain = shortestChain(walk.live, a, b)
    if (chain === null) throw new Error(`identifiers ${a} and ${b} are one, but no chain shows it`)
    const upTo = at ?? Number.MAX_SAFE_INTEGER
    const neighbours = (of: IdentifierNumber) => walk.live(of).map(({ to }) => to)
    const strength = a === b ? null : strengthBetween(neighbours, a, b, mostVisited)
    // Whatever is too large to be searched has no history: the past is told whatever its size.
    const tooLarge = strength === null && a !== b && at === undefined
    const causal = tooLarge ? null : earliestChain(walk.live, a, b)
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
      but: null
    }
  }

  /** The links of a chain by the order in which they came about. */
  const joiningSteps = (
    chain: readonly IdentifierNumber[],
    walk: Walk,
    graph: Graph,
    upTo: Position
  ): JoiningStep[] => {
    const links = chain.slice(1).map((to, nth) => {
      const from = chain[nth] as number
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

  const unconnected = (ends: Ends, walk: Walk, graph: Graph, at?: Position): Why => {
    const [a, b] = [ends[0].number, ends[1].number]
    const chain = withinBounds(() => shortestChain(bounded(walk.evident, mostVisited), a, b))
    const upTo = at ?? Number.MAX_SAFE_INTEGER
    return {
      connected: false,
      between: ends,
      chain: [],
      joinedBy: null,
      how: null,
      strength: null,
      parted: parting(a, b, upTo),
      but: chain && hindered(steps(chain, graph, at), graph, upTo)
    }
  }

  return (from, to, at) => {
    const graph = at === undefined ? head : graphAt(at)
    const ends = [resolve(from, graph, at), resolve(to, graph, at)] as const
    const walk = at === undefined ? startWalk() : walkIn(graph)
    const [a, b] = [ends[0].number, ends[1].number]
    const together =
      a === b ||
      (at === undefined ? lineage.together(a, b) : shortestChain(walk.live, a, b) !== null)
    return together ? connected(ends, walk, graph, at) : unconnected(ends, walk, graph, at)
  }
}

type Ends = readonly [Identifier, Identifier]
