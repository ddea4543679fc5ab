import type {
  Cause,
  ContactId,
  ContactObserved,
  Decision,
  IdentifierNumber,
  Position
} from './event.ts'
import {
  canLink,
  type Evidence,
  firstOf,
  type Graph,
  type Pair,
  type State,
  type Values,
  valuesOf
} from './graph.ts'
import type { Identifier, Kind } from './identifier.ts'
import { memoized, withLinks } from './remembering.ts'
import { type Ruling, ruledBy, unruled } from './ruling.ts'

/** A fact or decision where it would stand in the log. */
export type Supposed = {
  readonly position: Position
  readonly event: Cause
  readonly identifiers: readonly Identifier[]
}

/** What an event changes of the evidence. */
type Change = {
  readonly states?: ReadonlyMap<IdentifierNumber, State>
  readonly rulings?: ReadonlyMap<IdentifierNumber, Ruling>
  readonly pair?: Pair
  readonly limit?: { readonly kind: Kind; readonly limit: number | null }
}

/** The evidence as it is once an event is in the log, on top of what is remembered of it before. */
export function supposing(graph: Evidence, supposed: Supposed): Graph {
  const { states, rulings, pair, limit } = changeOf(graph, supposed)
  const limitOf = (kind: Kind) => (limit?.kind === kind ? limit.limit : graph.limit(kind))
  const inPair = (identifier: IdentifierNumber) =>
    pair !== undefined && (pair.email === identifier || pair.phoneNumber === identifier)

  const pairsOf = memoized((identifier: IdentifierNumber): readonly Pair[] => {
    const pairs = graph.pairsOf(identifier)
    if (pair === undefined || !inPair(identifier)) return pairs
    return [...pairs.filter((one) => !sameValues(one, pair)), pair]
  })

  // Neither what can link nor what is read in bulk is as it was.
  const { able: _able, links: _links, inBulk: _inBulk, ...unchanged } = graph
  return withLinks({
    ...unchanged,
    limit: limitOf,
    pairsOf,

    state(identifier) {
      const before = graph.state(identifier)
      const now = states?.get(identifier) ?? before
      if (now === null || before === null || canLink(graph, identifier)) return now
      const able = !now.blocked && now.sharing <= (limitOf(now.kind) ?? Infinity)
      return able ? { ...now, ableSince: supposed.position } : now
    },

    pair(values) {
      return pair !== undefined && sameValues(values, pair) ? pair : graph.pair(values)
    },

    carriedSince(identifier) {
      return inPair(identifier) ? firstOf(pairsOf(identifier)) : graph.carriedSince(identifier)
    },

    rulingsOf(identifier) {
      const changed = rulings?.get(identifier)
      const before = graph.rulingsOf(identifier)
      return changed === undefined
        ? before
        : [...before.filter(({ to }) => to !== changed.to), changed]
    }
  })
}

function changeOf(graph: Evidence, supposed: Supposed): Change {
  const { event } = supposed
  switch (event.type) {
    case 'ContactObserved':
      return observed(graph, supposed, event)
    case 'ObservationRetracted': {
      const values = graph.observation(event.observation)
      if (values === null || values.retracted) return {}
      const before = graph.pair(values)
      const first = graph.firstBut(values, event.observation)
      const pair = {
        ...before,
        first,
        contacts: before.contacts.map((one) =>
          one.id === values.contact ? { ...one, retracted: true } : one
        )
      }
      return { pair, states: first === 0 ? seenTogether(graph, values, -1) : new Map() }
    }
    case 'IdentifierBlocked':
    case 'IdentifierUnblocked': {
      const before = graph.state(event.identifier)
      if (before === null) return {}
      const blocked = event.type === 'IdentifierBlocked'
      return { states: new Map([[event.identifier, { ...before, blocked }]]) }
    }
    case 'LinkForbidden':
    case 'LinkAllowed':
    case 'LinkAsserted':
    case 'AssertionWithdrawn':
      return ruled(graph, supposed.position, event)
    case 'SharingLimitSet':
      return { limit: event }
  }
}

function observed(
  graph: Graph,
  { position, identifiers }: Supposed,
  event: ContactObserved
): Change {
  const { contact } = event
  const values = valuesOf(event)
  const unknown = identifiers.filter(({ number }) => graph.state(number) === null)
  const states = new Map<IdentifierNumber, State>(
    unknown.map((one) => [one.number, { ...one, blocked: false, sharing: 0, ableSince: 0 }])
  )
  const before = graph.pair(values)
  const introduced = event.introduces ?? unknown.map(({ number }) => number)
  const minted = (id: ContactId) => ({ id, introduced, retracted: false })
  const pair = {
    ...before,
    first: before.first || position,
    contacts: contact === null ? before.contacts : [...before.contacts, minted(contact)]
  }
  return { pair, states: before.first === 0 ? seenTogether(graph, values, 1, states) : states }
}

/** The ends of a pair that is seen for the first time, or no longer, unless it is forbidden. */
function seenTogether(
  graph: Graph,
  { email, phoneNumber }: Values,
  more: 1 | -1,
  states = new Map<IdentifierNumber, State>()
) {
  if (email === 0 || phoneNumber === 0) return states
  if (graph.rulingsOf(email).some(({ to, forbidden }) => to === phoneNumber && forbidden)) {
    return states
  }
  return shared(graph, [email, phoneNumber], more, states)
}

/** Two identifiers as they are once each is shared with one more, or one less. */
function shared(
  graph: Graph,
  ends: readonly [IdentifierNumber, IdentifierNumber],
  more: 1 | -1,
  states = new Map<IdentifierNumber, State>()
) {
  for (const end of ends) {
    const state = states.get(end) ?? graph.state(end)
    if (state !== null) states.set(end, { ...state, sharing: state.sharing + more })
  }
  return states
}

function ruled(
  graph: Graph,
  position: Position,
  { type, between: [a, b] }: Extract<Decision, { between: unknown }>
): Change {
  const before = graph.rulingsOf(a).find(({ to }) => to === b) ?? unruled(b)
  const after = ruledBy(before, type, position)
  const rulings = new Map([
    [a, after],
    [b, { ...after, to: a }]
  ])
  if (after.forbidden === before.forbidden) return { rulings }
  const pair = graph.pairsOf(a).find((one) => one.email === b || one.phoneNumber === b)
  if (pair === undefined || pair.first === 0) return { rulings }
  return { rulings, states: shared(graph, [a, b], after.forbidden ? -1 : 1) }
}

function sameValues(one: Values, other: Values): boolean {
  return one.email === other.email && one.phoneNumber === other.phoneNumber
}
