import type { ContactId, IdentifierNumber } from './event.ts'
import {
  type Graph,
  type Home,
  homeOf,
  homeOfContact,
  keyOf,
  liveLinks,
  type Minted,
  otherEnd,
  type Pair,
  type Values
} from './graph.ts'
import type { Region } from './region.ts'

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

  const take = (pair: Pair) => {
    for (const minted of pair.contacts) {
      const home = homeOfContact(graph, pair, minted)
      at(home)?.contacts.push({ home, pair, minted })
    }
    if (pair.first > 0) at(homeOf(graph, pair))?.listed.add(pair.email).add(pair.phoneNumber)
  }
  for (const identifier of identifiers) {
    for (const pair of graph.pairsOf(identifier)) {
      const other = otherEnd(pair, identifier)
      if (other > identifier || !identifiers.has(other)) take(pair)
    }
  }
  for (const values of alone.values()) {
    const taken = identifiers.has(values.email) || identifiers.has(values.phoneNumber)
    if (!taken) take(graph.pair(values))
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

/** The contact that is the primary of a group; undefined when none is live. */
export function oldestLive({ contacts }: Group): Standing | undefined {
  return contacts.find(({ live }) => live)
}

/** The values of a contact that are listed with its identity. */
export function listedBy({ email, phoneNumber, listsEmail, listsPhoneNumber }: Standing): number[] {
  return [...(listsEmail ? [email] : []), ...(listsPhoneNumber ? [phoneNumber] : [])]
}

/** Whether a group hides anything that a merge may show: a withdrawn contact, or a value that is not listed. */
export function hidesAny({ contacts }: Group): boolean {
  return contacts.some(
    (contact) => !contact.live || hidesEmail(contact) || hidesPhoneNumber(contact)
  )
}

/** Whether a contact has an email that its identity does not list. */
export function hidesEmail({ email, listsEmail }: Standing): boolean {
  return email !== 0 && !listsEmail
}

/** Whether a contact has a phone that its identity does not list. */
export function hidesPhoneNumber({ phoneNumber, listsPhoneNumber }: Standing): boolean {
  return phoneNumber !== 0 && !listsPhoneNumber
}

type Filling = {
  readonly identifiers: IdentifierNumber[]
  readonly alone: Values | null
  readonly contacts: { readonly home: Home; readonly pair: Pair; readonly minted: Minted }[]
  readonly listed: Set<IdentifierNumber | 0>
}

function emptyGroup(alone: Values | null): Filling {
  return { identifiers: [], alone, contacts: [], listed: new Set() }
}

function settled({ identifiers, alone, contacts, listed }: Filling): Group {
  const standing = contacts.map(({ home, pair, minted }): Standing => {
    const { email, phoneNumber } = pair
    const live = minted.introduced.some((value) => listed.has(value))
    return {
      id: minted.id,
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
