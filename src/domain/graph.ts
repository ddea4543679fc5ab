import type { ContactId, ContactObserved, IdentifierNumber, Position } from './event.ts'
import type { Identifier, Kind } from './identifier.ts'
import type { Ruling } from './ruling.ts'

/** What is known of an identifier by itself. */
export type State = Identifier & {
  readonly blocked: boolean
  /** With how many others live observations show it, those of forbidden links apart. */
  readonly sharing: number
  /** The position since which it can link: 0 if it always could. Means nothing while it can't. */
  readonly ableSince: Position | 0
}

/** A contact by its id. */
export type Minted = {
  readonly id: ContactId
  /** The values that it brought to its identity. */
  readonly introduced: readonly IdentifierNumber[]
  /** Whether the observation that minted it was retracted. */
  readonly retracted: boolean
}

/** The values of an observation or a contact by number, 0 for none. */
export type Values = {
  readonly email: IdentifierNumber | 0
  readonly phoneNumber: IdentifierNumber | 0
}

/** Values that were ever observed together, and nothing else with them. */
export type Pair = Values & {
  /** The first live observation that carries exactly these; 0 when there is none. */
  readonly first: Position | 0
  /** The contacts that its observations minted, live or not. */
  readonly contacts: readonly Minted[]
}

/** An observation as it was made, and whether it still counts. */
export type Observed = Values & {
  readonly contact: ContactId | null
  readonly retracted: boolean
}

/** The evidence around identifiers at one point of the log. Whatever is asked of it is local. */
export type Graph = {
  /** Null for an identifier that is not known. */
  state(identifier: IdentifierNumber): State | null
  /** The sharing limit of a kind; null for none. */
  limit(kind: Kind): number | null
  /** Every pair that an identifier was ever observed in. */
  pairsOf(identifier: IdentifierNumber): readonly Pair[]
  /** One pair; one that was never observed has no contacts. */
  pair(values: Values): Pair
  /** The first live observation that carries an identifier; 0 when there is none. */
  carriedSince(identifier: IdentifierNumber): Position | 0
  rulingsOf(identifier: IdentifierNumber): readonly Ruling[]
  /** The same of many identifiers, where that takes less time than one by one. */
  readonly inBulk?: Bulk
  /** What is known of an identifier if it can link, and its live links, where these are remembered. */
  able?(identifier: IdentifierNumber): State | null
  links?(identifier: IdentifierNumber): readonly LiveLink[]
  /** Reads ahead what the live links of these identifiers, and the homes of their pairs, follow from. */
  prefetch?(identifiers: readonly IdentifierNumber[]): void
}

/** What is known of many identifiers, asked for in one go. Of those that lack it nothing is told. */
export type Bulk = {
  states(of: readonly IdentifierNumber[]): ReadonlyMap<IdentifierNumber, State>
  pairs(of: readonly IdentifierNumber[]): ReadonlyMap<IdentifierNumber, Pair[]>
  rulings(of: readonly IdentifierNumber[]): ReadonlyMap<IdentifierNumber, Ruling[]>
}

/** The evidence at the head of the log, with what it takes to work out what an event changes. */
export type Evidence = Graph & {
  /** Whether any live observation carries an identifier. */
  carried(identifier: IdentifierNumber): boolean
  /** Whether two identifiers that can link stand in one identity. */
  together(one: IdentifierNumber, other: IdentifierNumber): boolean
  /** The identifiers of a kind that are shared with more than `above` others, and at most `upTo`. */
  shared(kind: Kind, above: number, upTo: number): readonly IdentifierNumber[]
  /** An observation, live or not; null when there is none at that position. */
  observation(position: Position): Observed | null
  /** The first live observation of a pair other than one; 0 when there is none. */
  firstBut(values: Values, observation: Position): Position | 0
}

/** A live link seen from one end: the other end, and since when it is live. */
export type LiveLink = { readonly to: IdentifierNumber; readonly since: Position }

/** Where something stands: an identifier that can link; or, with none, exactly these values. */
export type Home = IdentifierNumber | Values

/** Whether links of an identifier can be live: it is neither blocked nor over its sharing limit. */
export function canLink(graph: Graph, identifier: IdentifierNumber): boolean {
  return ableState(graph, identifier) !== null
}

/** What is known of an identifier; null unless it can link. */
export function ableState(graph: Graph, identifier: IdentifierNumber): State | null {
  if (graph.able !== undefined) return graph.able(identifier)
  const state = graph.state(identifier)
  if (state === null || state.blocked) return null
  return state.sharing <= (graph.limit(state.kind) ?? Infinity) ? state : null
}

/** The values that an event observed. */
export function valuesOf({ email, phoneNumber }: Pick<ContactObserved, keyof Values>): Values {
  return { email: email ?? 0, phoneNumber: phoneNumber ?? 0 }
}

/** The other end of a pair; 0 when it has none. */
export function otherEnd(values: Values, identifier: IdentifierNumber): IdentifierNumber | 0 {
  return values.email === identifier ? values.phoneNumber : values.email
}

/** The first live observation of any of these pairs; 0 when there is none. */
export function firstOf(pairs: readonly Pair[]): Position | 0 {
  const firsts = pairs.flatMap(({ first }) => (first > 0 ? [first] : []))
  return firsts.reduce((a, b) => Math.min(a, b), firsts[0] ?? 0)
}

/**
 * The live links of an identifier: those with live evidence, not forbidden, between two ends that
 * can link. A link is live since the latest of what it takes came about.
 */
export function liveLinks(graph: Graph, identifier: IdentifierNumber): readonly LiveLink[] {
  if (graph.links !== undefined) return graph.links(identifier)
  const here = ableState(graph, identifier)
  if (here === null) return []
  const rulings = rulingsByEnd(graph.rulingsOf(identifier))
  const links: LiveLink[] = []
  const link = (to: IdentifierNumber, evidence: Position, ruling: Ruling | undefined) => {
    const there = ableState(graph, to)
    if (ruling?.forbidden || there === null) return
    const able = Math.max(here.ableSince, there.ableSince)
    links.push({ to, since: Math.max(evidence, able, ruling?.allowedSince ?? 0) })
  }
  for (const pair of graph.pairsOf(identifier)) {
    const to = otherEnd(pair, identifier)
    if (to === 0 || pair.first === 0) continue
    const ruling = rulings.get(to)
    link(to, ruling?.asserted ? Math.min(pair.first, ruling.asserted) : pair.first, ruling)
    rulings.delete(to)
  }
  // What is left was never observed together.
  for (const ruling of rulings.values()) {
    if (ruling.asserted !== 0) link(ruling.to, ruling.asserted, ruling)
  }
  return links
}

const noRulings = new Map<IdentifierNumber, Ruling>()

/** A map of one's own, where there are any. */
function rulingsByEnd(rulings: readonly Ruling[]) {
  return rulings.length === 0 ? noRulings : new Map(rulings.map((one) => [one.to, one]))
}

/** Where an observation stands: its email if that can link, else its phone, else its exact values. */
export function homeOf(graph: Graph, { email, phoneNumber }: Values): Home {
  if (email !== 0 && canLink(graph, email)) return email
  if (phoneNumber !== 0 && canLink(graph, phoneNumber)) return phoneNumber
  return { email, phoneNumber }
}

/**
 * Where a contact stands: where the observation that minted it does. Where that was retracted, it
 * stands by the value of its own that others have carried the longest, so that nobody who comes later
 * takes it away.
 */
export function homeOfContact(graph: Graph, values: Values, { retracted }: Minted): Home {
  if (!retracted) return homeOf(graph, values)
  const [first] = [values.email, values.phoneNumber]
    .filter((value) => value !== 0 && canLink(graph, value))
    .map((value) => ({ value, since: graph.carriedSince(value) }))
    .filter(({ since }) => since !== 0)
    .sort((a, b) => a.since - b.since)
  return first?.value ?? homeOf(graph, values)
}

/**
 * Whether one more observation of these values changes nothing: a live one carries exactly them, and
 * so does the live contact that it minted. Cheap, however large the identity.
 */
export function repeats(graph: Graph, values: Values): boolean {
  const { first, contacts } = graph.pair(values)
  return first > 0 && contacts.some(({ retracted }) => !retracted)
}

/** A home in a form that equals another's when they are the same. */
export function keyOf(home: Home): string | IdentifierNumber {
  return typeof home === 'number' ? home : `${home.email} ${home.phoneNumber}`
}
