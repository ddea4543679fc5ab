import type { ContactId, IdentifierNumber, Position } from './event.ts'
import { type Facts, linkEnds, linkName, valuesAt } from './facts.ts'

/** A contact as it follows from the facts, its values by number. */
export type Contact = {
  readonly id: ContactId
  readonly email: IdentifierNumber | null
  readonly phoneNumber: IdentifierNumber | null
  /** The primary of its identity; null for the primary itself, and where nobody is live. */
  readonly linkedId: ContactId | null
  /** None of the values that it brought is listed any more. */
  readonly withdrawn: boolean
}

/** Values that live observations show together: how often, first and last. 0 for none. */
export type Link = {
  readonly email: IdentifierNumber | 0
  readonly phoneNumber: IdentifierNumber | 0
  readonly count: number
  readonly first: Position
  readonly latest: Position
}

/** What follows from a set of facts, in canonical order: by id, by pair. */
export type Conclusions = { readonly contacts: readonly Contact[]; readonly links: readonly Link[] }

/**
 * Derives contacts and links from the facts alone, by the definitions and all at once. It shares no
 * code with what decides and projects event by event, so that each can be held against the other;
 * outcomes on record play no part. O(observations), in time and memory.
 */
export function conclude(facts: Facts): Conclusions {
  const links = linksOf(facts)
  const canLink = ableToLink(facts, links)
  const rootOf = components(facts, links, canLink)
  const carriedSince: Position[] = []
  for (const { email, phoneNumber, first } of links) {
    for (const end of [email, phoneNumber]) {
      carriedSince[end] = Math.min(first, carriedSince[end] ?? first)
    }
  }

  /** Where values stand: the root of a component, or just these values. */
  const homeOf = (email: number, phoneNumber: number): number | string => {
    const home = [email, phoneNumber].find((value) => value !== 0 && canLink(value))
    return home === undefined ? `${email} ${phoneNumber}` : rootOf(home)
  }
  /** Where a contact stands whose own observation was retracted: by what was carried the longest. */
  const homeOfOrphan = (email: number, phoneNumber: number): number | string => {
    const [first] = [email, phoneNumber]
      .filter((value) => value !== 0 && canLink(value))
      .map((value) => ({ value, since: carriedSince[value] ?? 0 }))
      .filter(({ since }) => since !== 0)
      .sort((a, b) => a.since - b.since)
    return first === undefined ? homeOf(email, phoneNumber) : rootOf(first.value)
  }
  const listed = new Set<string>()
  for (const { email, phoneNumber } of links) {
    const home = homeOf(email, phoneNumber)
    listed.add(`${home}:${email}`).add(`${home}:${phoneNumber}`)
  }

  const seen = new Set<IdentifierNumber>()
  const minted: { id: ContactId; position: Position; home: number | string; live: boolean }[] = []
  const primaries = new Map<number | string, ContactId>()
  facts.contact.forEach((id, position) => {
    const [email, phoneNumber] = valuesAt(facts, position)
    const brought =
      facts.introduces.get(position) ?? [email, phoneNumber].filter((value) => !seen.has(value))
    seen.add(email).add(phoneNumber)
    if (id === 0) return
    const orphan = facts.retracted.has(position)
    const home = orphan ? homeOfOrphan(email, phoneNumber) : homeOf(email, phoneNumber)
    const live = brought.some((value) => value !== 0 && listed.has(`${home}:${value}`))
    minted.push({ id, position, home, live })
    if (live) primaries.set(home, Math.min(primaries.get(home) ?? id, id))
  })

  const contacts = minted.map(({ id, position, home, live }): Contact => {
    const primary = primaries.get(home) ?? id
    return {
      id,
      email: facts.email[position] || null,
      phoneNumber: facts.phoneNumber[position] || null,
      linkedId: primary === id ? null : primary,
      withdrawn: !live
    }
  })
  return { contacts: contacts.sort((a, b) => a.id - b.id), links }
}

/** Every pair of values that live observations show, in canonical order. */
function linksOf(facts: Facts): Link[] {
  const links = new Map<IdentifierNumber, Map<IdentifierNumber, Link>>()
  facts.contact.forEach((_, position) => {
    if (facts.retracted.has(position)) return
    const [email, phoneNumber] = valuesAt(facts, position)
    const ofEmail = links.get(email) ?? new Map<IdentifierNumber, Link>()
    if (ofEmail.size === 0) links.set(email, ofEmail)
    const known = ofEmail.get(phoneNumber)
    const [count, first] = [(known?.count ?? 0) + 1, known?.first ?? position]
    ofEmail.set(phoneNumber, { email, phoneNumber, count, first, latest: position })
  })
  return [...links.values()]
    .flatMap((ofEmail) => [...ofEmail.values()])
    .sort((a, b) => a.email - b.email || a.phoneNumber - b.phoneNumber)
}

/** Which identifiers are neither blocked nor over their sharing limit. */
function ableToLink({ blocked, forbidden, limits }: Facts, links: readonly Link[]) {
  const sharing: number[] = []
  for (const { email, phoneNumber } of links) {
    const link = forbidden.get(linkName([email, phoneNumber]))
    if (email === 0 || phoneNumber === 0 || link?.holds) continue
    for (const end of [email, phoneNumber]) sharing[end] = (sharing[end] ?? 0) + 1
  }
  const over = new Set<IdentifierNumber>()
  for (const kind of ['email', 'phoneNumber'] as const) {
    const limit = limits.get(kind === 'email' ? 'email' : 'phone')?.holds ?? Infinity
    for (const { [kind]: end } of links) if ((sharing[end] ?? 0) > limit) over.add(end)
  }
  return (value: IdentifierNumber) => !over.has(value) && blocked.get(value)?.holds !== true
}

/** Joins what live links join; answers which identifier stands for the component of another. */
function components(
  { forbidden, asserted }: Facts,
  links: readonly Link[],
  canLink: (value: IdentifierNumber) => boolean
) {
  const parent: number[] = []
  const rootOf = (value: number): number => {
    let root = value
    for (let up = parent[root]; up !== undefined; up = parent[root]) {
      parent[root] = parent[up] ?? up
      root = up
    }
    return root
  }
  const join = (a: number, b: number) => {
    const isLive = canLink(a) && canLink(b) && !forbidden.get(linkName([a, b]))?.holds
    const [x, y] = [rootOf(a), rootOf(b)]
    if (isLive && x !== y) parent[x] = y
  }
  for (const { email, phoneNumber } of links) {
    if (email !== 0 && phoneNumber !== 0) join(email, phoneNumber)
  }
  for (const [name, { holds }] of asserted) if (holds) join(...linkEnds(name))
  return rootOf
}
