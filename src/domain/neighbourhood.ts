import { answerOf, type Identity, type Member } from './answer.ts'
import type { Knowledge, Known, Observation, SameKey } from './decide.ts'
import type { ContactId, IdentifierNumber, Recorded } from './event.ts'

/**
 * A part of the read model in memory: some values, and the whole identities that list them. What is
 * missing is loaded when a request names it; from then on it follows every event, so that requests
 * are decided and answered on what those before them left, without asking the read model again.
 */
export type Neighbourhood = {
  readonly places: Map<string, Place>
  /** The groups of those places by their primaries. */
  readonly groups: Map<ContactId, Group>
  readonly keys: Map<string, SameKey>
  /** How much it holds, in contacts, values and keys. */
  size: number
}

/** Where a value stands: its number, and the group of contacts that lists it. */
export type Place = { readonly number: IdentifierNumber; readonly group: Group }

/** An identity's contacts, oldest first; or, once it merged, the group that absorbed it. */
export type Group = { contacts: Member[]; absorbedBy: Group | null }

/** Nothing is known of any value yet. */
export function emptyNeighbourhood(): Neighbourhood {
  return { places: new Map(), groups: new Map(), keys: new Map(), size: 0 }
}

/** Settles an identity of these contacts, oldest first. */
export function settle(known: Neighbourhood, contacts: Member[]): Group {
  const group: Group = { contacts, absorbedBy: null }
  known.groups.set(primaryOf(group), group)
  known.size += contacts.length
  return group
}

/** Gives a value its place in a group. */
export function place(known: Neighbourhood, value: string, at: Place) {
  known.places.set(value, at)
  known.size++
}

/** Remembers what was observed under an idempotency key. */
export function rememberKey(known: Neighbourhood, key: string, seen: SameKey) {
  known.keys.set(key, seen)
  known.size++
}

/** What is known of what a request names. */
export function knowledgeOf({ places, keys }: Neighbourhood, asked: Observation): Knowledge {
  const known = (value: string | null): Known | null => {
    const place = value === null ? undefined : places.get(value)
    if (place === undefined) return null
    return { number: place.number, primary: primaryOf(whole(place.group)) }
  }
  return {
    email: known(asked.email),
    phoneNumber: known(asked.phoneNumber),
    sameKey: asked.idempotencyKey === null ? null : (keys.get(asked.idempotencyKey) ?? null)
  }
}

/** Follows an event, in place. All that is known of the values that it names is there already. */
export function follow(known: Neighbourhood, { event, identifiers }: Recorded) {
  if (event.type !== 'ContactObserved') return
  const { contact, idempotencyKey } = event
  if (idempotencyKey !== undefined) rememberKey(known, idempotencyKey, event)
  const [one, other] = identifiers.flatMap(({ value }) => known.places.get(value)?.group ?? [])
  let here = one === undefined ? undefined : whole(one)
  if (here !== undefined && other !== undefined) here = unite(known, here, whole(other))
  if (contact === null) return
  const value = (kind: string) => identifiers.find((one) => one.kind === kind)?.value ?? null
  const member = { id: contact, email: value('email'), phoneNumber: value('phone') }
  if (here === undefined) here = settle(known, [member])
  else {
    here.contacts.push(member)
    known.size++
  }
  for (const { number, value } of identifiers) {
    if (!known.places.has(value)) place(known, value, { number, group: here })
  }
}

/** The identity that lists a request's values now. */
export function answer({ places }: Neighbourhood, { email, phoneNumber }: Observation): Identity {
  const place = places.get(email ?? phoneNumber ?? '')
  return answerOf(place === undefined ? [] : whole(place.group).contacts)
}

function whole(group: Group): Group {
  let top = group
  while (top.absorbedBy !== null) top = top.absorbedBy
  return top
}

function primaryOf({ contacts }: Group): ContactId {
  return (contacts[0] as Member).id
}

/** Makes two identities one, in the group of the larger. */
function unite(known: Neighbourhood, a: Group, b: Group): Group {
  if (a === b) return a
  const [larger, smaller] = a.contacts.length >= b.contacts.length ? [a, b] : [b, a]
  known.groups.delete(primaryOf(larger))
  known.groups.delete(primaryOf(smaller))
  larger.contacts = [...larger.contacts, ...smaller.contacts].sort((x, y) => x.id - y.id)
  smaller.contacts = []
  smaller.absorbedBy = larger
  known.groups.set(primaryOf(larger), larger)
  return larger
}
