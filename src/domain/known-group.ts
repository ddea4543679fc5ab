import type { Member } from './answer.ts'
import type { ContactId } from './event.ts'

/** An identity's contacts, oldest first; or, once it merged, the group that absorbed it. */
export type KnownGroup = {
  contacts: Member[]
  absorbedBy: KnownGroup | null
  /** Whether it has withdrawn contacts or unlisted values, which a merge may show again. */
  readonly hides: boolean
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

/** Makes two whole groups one, by having the larger absorb the other. */
export function joined(a: KnownGroup, b: KnownGroup): KnownGroup {
  const [larger, smaller] = a.contacts.length >= b.contacts.length ? [a, b] : [b, a]
  larger.contacts = [...larger.contacts, ...smaller.contacts].sort((x, y) => x.id - y.id)
  smaller.contacts = []
  smaller.absorbedBy = larger
  return larger
}
