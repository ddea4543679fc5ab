import type { ContactId, IdentifierNumber } from './event.ts'
import {
  type Graph,
  type Home,
  homeOf,
  homeOfContact,
  keyOf,
  liveLinks,
  type Minted,
  type Pair,
  type Values
} from './graph.ts'

/** A part of the evidence that holds whole identities only. */
export type Region = {
  readonly identifiers: ReadonlySet<IdentifierNumber>
  /** Values whose observations stand by themselves, since neither can link. */
  readonly alone: ReadonlyMap<string | number, Values>
}

/** A contact where it stands. A withdrawn one shows nothing and is not live. */
export type Standing = Values & {
  readonly id: ContactId
  readonly home: Home
  readonly live: boolean
  /** Whether its values are listed with its identity. */
  readonly listsEmail: boolean
  readonly listsPhoneNumber: boolean
}

/** A component of live links, or values that stand alone, and the contacts whose home it is. */
export type Group = {
  /** The component; empty for values that stand alone. */
  readonly identifiers: readonly IdentifierNumber[]
  readonly alone: Values | null
  /** By id, withdrawn ones among them. */
  readonly contacts: readonly Standing[]
}

/**
 * Everything around homes that belongs together before or after a change, with whatever moves from
 * one to the other: of both states of the evidence, it holds whole groups only.
 */
export function regionAround(before: Graph, after: Graph, seeds: readonly Home[]): Region {
  const identifiers = new Set<IdentifierNumber>()
  const alone = new Map<string | number, Values>()
  const pending: Home[] = [...seeds]
  const follow = (from: Home, to: Home) => {
    if (keyOf(from) !== keyOf(to)) pending.push(from, to)
  }
  const followMoves = (pair: Pair) => {
    follow(homeOf(before, pair), homeOf(after, pair))
    for (const { id } of pair.contacts) {
      const [was, is] = [before, after].map((graph) => homeIn(graph, pair, id))
      if (was !== undefined && is !== undefined) follow(was, is)
    }
  }
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (typeof at !== 'number') {
      if (alone.has(keyOf(at))) continue
      alone.set(keyOf(at), at)
      followMoves(after.pair(at))
      continue
    }
    if (identifiers.has(at)) continue
    identifiers.add(at)
    for (const graph of [before, after]) {
      for (const { to } of liveLinks(graph, at)) pending.push(to)
    }
    for (const pair of after.pairsOf(at)) followMoves(pair)
  }
  return { identifiers, alone }
}

/** The groups of a region. */
export function groupsOf(graph: Graph, { identifiers, alone }: Region): Group[] {
  const groups = new Map<string | number, Filling>()
  const at = (home: Home): Filling | undefined => {
    const known = groups.get(keyOf(home))
    // A component that is not there lies outside of the region.
    if (known !== undefined || typeof home === 'number') return known
    const fresh = emptyGroup(home)
    groups.set(keyOf(home), fresh)
    return fresh
  }
  for (const start of identifiers) {
    const pending = groups.has(start) ? [] : [start]
    const group = emptyGroup(null)
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (groups.has(next)) continue
      groups.set(next, group)
      group.identifiers.push(next)
      for (const { to } of liveLinks(graph, next)) pending.push(to)
    }
  }

  const contacts = new Map<ContactId, Values & Minted>()
  const take = (pair: Pair) => {
    const { email, phoneNumber } = pair
    for (const minted of pair.contacts) contacts.set(minted.id, { email, phoneNumber, ...minted })
    if (pair.first > 0) at(homeOf(graph, pair))?.listed.add(email).add(phoneNumber)
  }
  for (const identifier of identifiers) for (const pair of graph.pairsOf(identifier)) take(pair)
  for (const values of alone.values()) take(graph.pair(values))

  for (const contact of contacts.values()) {
    const home = homeOfContact(graph, contact, contact)
    at(home)?.contacts.push({ home, ...contact })
  }
  return [...new Set(groups.values())].map(settled)
}

/** The group at a home, among those of a region that holds it. */
export function groupAmong(groups: readonly Group[], home: Home): Group {
  if (typeof home === 'number') {
    return groups.find(({ identifiers }) => identifiers.includes(home)) as Group
  }
  const found = groups.find(({ alone }) => alone !== null && keyOf(alone) === keyOf(home))
  return found ?? { identifiers: [], alone: home, contacts: [] }
}

/** Whether a group hides anything that a merge may show: a withdrawn contact, or a value that is not listed. */
export function hidesAny({ contacts }: Group): boolean {
  return contacts.some(
    ({ live, email, phoneNumber, listsEmail, listsPhoneNumber }) =>
      !live || listsEmail !== email > 0 || listsPhoneNumber !== phoneNumber > 0
  )
}

/** Where a contact of a pair stands; undefined when it is not minted yet. */
function homeIn(graph: Graph, pair: Values, contact: ContactId): Home | undefined {
  const minted = graph.pair(pair).contacts.find(({ id }) => id === contact)
  return minted && homeOfContact(graph, pair, minted)
}

type Filling = {
  readonly identifiers: IdentifierNumber[]
  readonly alone: Values | null
  readonly contacts: (Values & Minted & { readonly home: Home })[]
  readonly listed: Set<IdentifierNumber | 0>
}

function emptyGroup(alone: Values | null): Filling {
  return { identifiers: [], alone, contacts: [], listed: new Set() }
}

function settled({ identifiers, alone, contacts, listed }: Filling): Group {
  const standing = contacts.map(({ id, home, email, phoneNumber, introduced }): Standing => {
    const live = introduced.some((value) => listed.has(value))
    return {
      id,
      home,
      email,
      phoneNumber,
      live,
      listsEmail: live && email !== 0 && listed.has(email),
      listsPhoneNumber: live && phoneNumber !== 0 && listed.has(phoneNumber)
    }
  })
  return { identifiers, alone, contacts: standing.sort((a, b) => a.id - b.id) }
}
