import type {
  ContactId,
  ContactsMerged,
  ContactsSplit,
  IdentifierNumber,
  Outcome,
  Position
} from './event.ts'
import {
  canLink,
  type Evidence,
  type Graph,
  type Home,
  homeOf,
  liveLinks,
  type Values,
  valuesOf
} from './graph.ts'
import { type Group, groupsOf } from './groups.ts'
import { regionAround } from './region.ts'
import { remembering } from './remembering.ts'
import { type Supposed, supposing } from './supposing.ts'

/** What an event makes of the identities that it concerns. */
export type Reshaping = {
  /** The evidence as it is afterwards. */
  readonly graph: Graph
  /** Every group that the event could touch, whole, as it was and as it is. */
  readonly before: readonly Group[]
  readonly after: readonly Group[]
  /** The identifiers that can link now and could not, or the other way round. */
  readonly flipped: readonly IdentifierNumber[]
  /** Those that flipped or are carried anew, and the ends of the event's own link if it changed. */
  readonly relinked: ReadonlySet<IdentifierNumber>
}

/**
 * Works out what a fact or decision does to the identities around it. Costs what these identities
 * cost, however large the ledger.
 */
export function reshape(evidence: Evidence, supposed: Supposed): Reshaping {
  const before = remembering(evidence)
  const after = supposing(before, supposed)
  const { homes, ends, link } = reachOf(before, after, supposed)
  // What was never observed could link if it were.
  const could = (end: IdentifierNumber) => before.state(end) === null || canLink(before, end)
  const flipped = ends.filter((end) => could(end) !== canLink(after, end))
  const recarried = ends.filter((end) => carriedAnew(before, after, supposed, end))
  const linked = link !== null && linkChanges(before, after, ...link) ? link : []
  const relinked = new Set([...flipped, ...recarried, ...linked])
  const region = regionAround(before, after, [...homes, ...relinked])
  return {
    graph: after,
    before: groupsOf(before, region),
    after: groupsOf(after, region),
    flipped,
    relinked
  }
}

/**
 * Whether an identifier is carried by observations as of now or never more, or by others the longest.
 * Asked of a value that thousands share, so an observation that comes must not read them all.
 */
function carriedAnew(
  before: Evidence,
  after: Graph,
  { event }: Supposed,
  identifier: IdentifierNumber
): boolean {
  if (event.type === 'ContactObserved') return !before.carried(identifier)
  if (event.type !== 'ObservationRetracted') return false
  return before.carriedSince(identifier) !== after.carriedSince(identifier)
}

/** Where an event acts: where its observation stands, the identifiers it is about, and the link. */
type Reach = {
  readonly homes: readonly Home[]
  readonly ends: readonly IdentifierNumber[]
  readonly link: readonly [IdentifierNumber, IdentifierNumber] | null
}

function reachOf(before: Evidence, after: Graph, { event }: Supposed): Reach {
  switch (event.type) {
    case 'ContactObserved':
      return around(before, after, valuesOf(event))
    case 'ObservationRetracted': {
      const values = before.observation(event.observation)
      return values === null || values.retracted ? nowhere : around(before, after, values)
    }
    case 'IdentifierBlocked':
    case 'IdentifierUnblocked':
      return { ...nowhere, ends: [event.identifier] }
    case 'LinkForbidden':
    case 'LinkAllowed':
    case 'LinkAsserted':
    case 'AssertionWithdrawn':
      return { ...nowhere, ends: event.between, link: event.between }
    case 'SharingLimitSet': {
      const limits = [before.limit(event.kind), event.limit].map((limit) => limit ?? Infinity)
      const [lower, upper] = [Math.min(...limits), Math.max(...limits)]
      return { ...nowhere, ends: before.shared(event.kind, lower, upper) }
    }
  }
}

const nowhere: Reach = { homes: [], ends: [], link: null }

function around(before: Graph, after: Graph, { email, phoneNumber }: Values): Reach {
  const values = { email, phoneNumber }
  return {
    homes: [homeOf(before, values), homeOf(after, values)],
    ends: [email, phoneNumber].filter((end) => end !== 0),
    link: email !== 0 && phoneNumber !== 0 ? [email, phoneNumber] : null
  }
}

/** Whether a link is live before or after, and not since the same position. */
function linkChanges(before: Graph, after: Graph, a: IdentifierNumber, b: IdentifierNumber) {
  const [was, is] = [before, after].map(
    (graph) => liveLinks(graph, a).find(({ to }) => to === b)?.since
  )
  return was !== is
}

/**
 * The splits and merges that a reshaping comes to, told of the contacts that are live both before
 * and after: splits by the identity that came apart, then merges by the survivor.
 */
export function outcomesOf({ before, after }: Reshaping, cause: Position): Outcome[] {
  const pieces = piecesOf(before, after)
  // Pieces are told by their oldest contacts, so within each list they are in order.
  const cameFrom = groupBy(pieces, ({ was }) => was)
  const wentTo = groupBy(pieces, ({ is }) => is)
  const splits = [...cameFrom.values()].flatMap(([kept, ...parted]): ContactsSplit[] => {
    if (kept === undefined || parted.length === 0) return []
    const told = parted.map(({ contacts }) => ({ primary: oldest(contacts), contacts }))
    return [{ type: 'ContactsSplit', identity: oldest(kept.contacts), parted: told, cause }]
  })
  const merges = [...wentTo.values()].flatMap((joined): ContactsMerged[] => {
    const [survivor, ...absorbed] = joined.map(({ contacts }) => oldest(contacts))
    if (survivor === undefined || absorbed.length === 0) return []
    return [{ type: 'ContactsMerged', survivor, absorbed, cause }]
  })
  return [...splits, ...merges]
}

function groupBy<T, K>(all: Iterable<T>, keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group === undefined) groups.set(keyOf(one), [one])
    else group.push(one)
  }
  return groups
}

/** Live contacts that go together from one group to another, oldest first. */
type Piece = { readonly was: Group; readonly is: Group; readonly contacts: ContactId[] }

/** The pieces by their oldest contacts. */
function piecesOf(before: readonly Group[], after: readonly Group[]): Piece[] {
  const groupAfter = new Map<ContactId, Group>()
  for (const group of after) {
    for (const { id, live } of group.contacts) if (live) groupAfter.set(id, group)
  }
  const pieces: Piece[] = []
  for (const was of before) {
    const stay = was.contacts.filter(({ id, live }) => live && groupAfter.has(id))
    const parts = groupBy(stay, ({ id }) => groupAfter.get(id) as Group)
    for (const [is, contacts] of parts) {
      pieces.push({ was, is, contacts: contacts.map(({ id }) => id) })
    }
  }
  return pieces.sort((a, b) => oldest(a.contacts) - oldest(b.contacts))
}

function oldest(contacts: readonly ContactId[]): ContactId {
  return contacts[0] as ContactId
}
