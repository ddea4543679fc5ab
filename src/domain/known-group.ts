import { answerOf, type Identity, type Member } from './answer.ts'
import type { ContactId } from './event.ts'
import { answerFrom, hasValue, join, type Listing, list, listingOf, mergeByAge } from './listing.ts'

/** An identity's contacts, oldest first; or, once it merged, the group that absorbed it. */
export type KnownGroup = {
  contacts: Member[]
  absorbedBy: KnownGroup | null
  /** Whether it has withdrawn contacts or unlisted values, which a merge may show again. */
  hides: boolean
  /** What it lists, kept once it is large and somebody asked, or loaded before anybody did. */
  listing: Listing | null
}

/** Of how many contacts on what a group lists is kept: for fewer it is quicker to list them anew. */
const large = 1_000

/** A group of these contacts, oldest first. */
export function groupOf(contacts: Member[], hides: boolean): KnownGroup {
  return { contacts, absorbedBy: null, hides, listing: null }
}

/** The group that a group is part of by now. */
export function whole(group: KnownGroup): KnownGroup {
  let top = group
  while (top.absorbedBy !== null) top = top.absorbedBy
  return top
}

/** The oldest contact of a whole group. */
export function primaryOf({ contacts }: KnownGroup): ContactId {
  return (contacts[0] as Member).id
}

/** The answer for a whole group. */
export function answerOfKnown(group: KnownGroup): Identity {
  const { contacts } = group
  keepListing(group)
  return group.listing === null ? answerOf(contacts) : answerFrom(group.listing, contacts)
}

/** Keeps what a whole group lists for its next answer or look, if it is large. */
export function keepListing(group: KnownGroup) {
  if (group.contacts.length >= large) group.listing ??= listingOf(group.contacts)
}

/** Whether a contact of a whole group shows a value. */
export function lists(group: KnownGroup, column: 'email' | 'phoneNumber', value: string): boolean {
  keepListing(group)
  const { contacts, listing } = group
  if (listing === null) return contacts.some((one) => one[column] === value)
  return hasValue(listing, column, value)
}

/** Adds a new contact to a whole group. */
export function joinedBy(group: KnownGroup, contact: Member) {
  group.contacts.push(contact)
  if (group.listing !== null) list(group.listing, [contact])
}

/** Makes two whole groups one, by having the larger absorb the other. */
export function joined(a: KnownGroup, b: KnownGroup): KnownGroup {
  const [larger, smaller] = a.contacts.length >= b.contacts.length ? [a, b] : [b, a]
  mergeByAge(larger.contacts, smaller.contacts)
  if (larger.listing !== null && smaller.listing !== null) join(larger.listing, smaller.listing)
  else if (larger.listing !== null) list(larger.listing, smaller.contacts)
  larger.hides ||= smaller.hides
  smaller.contacts = []
  smaller.listing = null
  smaller.absorbedBy = larger
  return larger
}
