import type Database from 'better-sqlite3'
import { articulationPoints } from '../src/domain/articulation.ts'
import { LedgerError } from '../src/domain/errors.ts'
import type { ContactId, IdentifierNumber, Position } from '../src/domain/event.ts'
import { canLink, type Graph, liveLinks, type State } from '../src/domain/graph.ts'
import { type Group, oldestLive } from '../src/domain/groups.ts'
import { nameOf } from '../src/domain/identifier.ts'
import { remembering } from '../src/domain/remembering.ts'
import { sharingIn } from '../src/domain/sharing.ts'
import type { IdentityGraph } from '../src/identity-graph.ts'
import type { ReadingView } from '../src/views.ts'
import { contactGroups } from './evidence/contact-groups.ts'
import { graphsAt } from './evidence/graph-at.ts'
import { pairsIn } from './evidence/pairs-in.ts'
import { seenIn } from './evidence/seen.ts'

type Node = IdentityGraph['nodes'][number]
type Link = IdentityGraph['links'][number]
type Nodes = ReadonlyMap<IdentifierNumber, State>

/** Two identifiers with some evidence between them, and the assertion that holds, 0 for none. */
type Between = { readonly ends: readonly [State, State]; readonly asserted: Position | 0 }

/**
 * The evidence of an identity. Its nodes are the identifiers of its component and what else its
 * observations carry; its links those of the component with any of these, live or not, or the one
 * between two values that stand alone. Costs what the identity costs; as of a position also what its
 * values were seen with.
 */
export function identityGraphs(db: Database.Database, head: Graph): ReadingView['graph'] {
  const seen = seenIn(db)
  const groupOf = contactGroups(db)
  const graphAt = graphsAt(db)

  const linkOf = (graph: Graph, { ends, asserted }: Between, at?: Position | 0): Link => {
    const [one, other] = ends
    const [email, phone] = one.kind === 'email' ? ends : [other, one]
    const never = { count: 0, first: null, latest: null }
    return {
      from: nameOf(one),
      to: nameOf(other),
      state: stateOf(graph, ends),
      ...(seen({ email: email.number, phoneNumber: phone.number }, at) ?? never),
      asserted: asserted || null
    }
  }

  return (contact, at) => {
    const graph = remembering(at === undefined ? head : graphAt(at))
    const group = groupOf(graph, contact)
    const primary = oldestLive(group)
    if (primary === undefined) {
      throw new LedgerError('not_found', `Nobody in the identity of contact ${contact} is live.`)
    }
    const nodes = nodesOf(graph, group)
    const sharing = (of: State) => (at === undefined ? of.sharing : sharingIn(graph, of.number))
    return {
      primaryContactId: primary.id,
      nodes: told(graph, group, nodes, sharing),
      links: linked(graph, group, nodes).map((between) => linkOf(graph, between, at))
    }
  }
}

/** The identifiers of a group, by number. */
function nodesOf(graph: Graph, group: Group): Nodes {
  const carried = pairsIn(graph, group).flatMap(({ first, email, phoneNumber }) =>
    first > 0 ? [email, phoneNumber] : []
  )
  const numbers = new Set([...group.identifiers, ...carried])
  const states = [...numbers].sort((a, b) => a - b).map((number) => graph.state(number))
  return new Map(states.filter((state) => state !== null).map((state) => [state.number, state]))
}

function told(
  graph: Graph,
  { identifiers, contacts }: Group,
  nodes: Nodes,
  sharing: (of: State) => number
): Node[] {
  const neighbours = (of: IdentifierNumber) => liveLinks(graph, of).map(({ to }) => to)
  const articulation = articulationPoints(identifiers, neighbours)
  const carriers = new Map<IdentifierNumber, ContactId[]>([...nodes.keys()].map((one) => [one, []]))
  for (const { id, live, email, phoneNumber } of contacts) {
    if (live) for (const value of [email, phoneNumber]) carriers.get(value)?.push(id)
  }
  return [...nodes.values()].map((state) => ({
    identifier: nameOf(state),
    sharing: sharing(state),
    links: canLink(graph, state.number),
    articulation: articulation.has(state.number),
    contacts: carriers.get(state.number) ?? []
  }))
}

/** The links of a group among its nodes, each once, by the numbers of their ends. */
function linked(graph: Graph, { identifiers, alone }: Group, nodes: Nodes): Between[] {
  const found = new Map<string, Between>()
  const add = (a: IdentifierNumber, b: IdentifierNumber, asserted: Position | 0) => {
    const [one, other] = [nodes.get(Math.min(a, b)), nodes.get(Math.max(a, b))]
    if (one && other) found.set(`${one.number} ${other.number}`, { ends: [one, other], asserted })
  }
  const pairs = alone === null ? identifiers.flatMap(graph.pairsOf) : [graph.pair(alone)]
  for (const { email, phoneNumber, first } of pairs) if (first > 0) add(email, phoneNumber, 0)
  for (const from of alone === null ? identifiers : [alone.email]) {
    for (const { to, asserted } of graph.rulingsOf(from))
      if (asserted !== 0) add(from, to, asserted)
  }
  return [...found.values()].sort(
    (a, b) => a.ends[0].number - b.ends[0].number || a.ends[1].number - b.ends[1].number
  )
}

/** What a link is, or the first thing that keeps it from being live. */
function stateOf(graph: Graph, ends: readonly [State, State]): Link['state'] {
  const [one, other] = ends
  const ruling = graph.rulingsOf(one.number).find(({ to }) => to === other.number)
  if (ruling?.forbidden) return 'forbidden'
  if (ends.some(({ blocked }) => blocked)) return 'blocked'
  return ends.every(({ number }) => canLink(graph, number)) ? 'live' : 'over-shared'
}
