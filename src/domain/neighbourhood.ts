import type { Identity, Member } from './answer.ts'
import type { Observation, SameKey } from './decide.ts'
import type { ContactId, IdentifierNumber, LedgerEvent, Recorded } from './event.ts'
import type { Kind } from './identifier.ts'
import {
  answerOfKnown,
  groupOf,
  joined,
  joinedBy,
  type KnownGroup,
  primaryOf,
  whole
} from './known-group.ts'

/**
 * A part of the read model in memory: some values, and the whole identities that list them. What is
 * missing is loaded when a request names it; from then on it follows every event, so that requests
 * are decided and answered on what those before them left, without asking the read model again.
 */
export type Neighbourhood = {
  readonly places: Map<string, Place>
  /** Whole identities by their primaries, whether or not any of their values has its place here. */
  readonly groups: Map<ContactId, KnownGroup>
  readonly keys: Map<string, SameKey>
  /** Values that it let go since it was last loaded: known or not, they must be looked up. */
  readonly stale: Set<string>
  /** With how many others an identifier may be shared. */
  readonly limits: Limits
  /** How much it holds, in contacts, values and keys. */
  size: number
}

/** The sharing limits; Infinity for none. */
export type Limits = Readonly<Record<Kind, number>>

/** Where a value stands: its number, and the group of contacts that lists it. */
export type Place = {
  readonly number: IdentifierNumber
  /** Null where what operators decided has a say, so that only the evidence can tell. */
  readonly group: KnownGroup | null
  /** With how many more others it can be seen for certain before it is over its sharing limit. */
  room: number
  /** Whether any of its links is forbidden. */
  readonly contested: boolean
}

/** Nothing is known of any value yet. */
export function emptyNeighbourhood(limits: Limits): Neighbourhood {
  return {
    places: new Map(),
    groups: new Map(),
    keys: new Map(),
    stale: new Set(),
    limits,
    size: 0
  }
}

/** Settles an identity of these contacts, oldest first. */
export function settle(known: Neighbourhood, contacts: Member[], hides = false): KnownGroup {
  const group = groupOf(contacts, hides)
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

/** Remembers what an event observed under the idempotency key that it was asked with, if any. */
export function rememberKeyOf(known: Neighbourhood, event: LedgerEvent) {
  if (event.type !== 'ContactObserved' || event.idempotencyKey === undefined) return
  rememberKey(known, event.idempotencyKey, event)
}

/**
 * Follows an event that was decided on what is known here, in place. All that is known of the values
 * that it names is there already.
 */
export function follow(known: Neighbourhood, { event, identifiers }: Recorded) {
  if (event.type !== 'ContactObserved') return
  const { contact } = event
  rememberKeyOf(known, event)
  const together = identifiers.length === 2 ? 1 : 0
  let here: KnownGroup | undefined
  for (const { value } of identifiers) {
    const at = known.places.get(value)
    if (!at?.group) continue
    at.room -= together
    here = here === undefined ? whole(at.group) : unite(known, here, whole(at.group))
  }
  if (contact === null) return
  const value = (kind: Kind) => identifiers.find((one) => one.kind === kind)?.value ?? null
  const member = { id: contact, email: value('email'), phoneNumber: value('phone') }
  if (here === undefined) here = settle(known, [member])
  else {
    joinedBy(here, member)
    known.size++
  }
  for (const { number, kind, value } of identifiers) {
    if (known.places.has(value)) continue
    place(known, value, {
      number,
      group: here,
      room: known.limits[kind] - together,
      contested: false
    })
  }
}

/** The identity that lists a request's values now, at least one of which has its group here. */
export function answer(known: Neighbourhood, asked: Observation): Identity {
  return answerOfKnown(groupFor(known, asked))
}

/** The primary of that identity. */
export function primary(known: Neighbourhood, asked: Observation): ContactId {
  return primaryOf(groupFor(known, asked))
}

/** The group that holds a request: that of either value, since a bystander has none. */
function groupFor({ places }: Neighbourhood, { email, phoneNumber }: Observation): KnownGroup {
  const group = places.get(email ?? '')?.group ?? places.get(phoneNumber ?? '')?.group
  if (!group) throw new Error('no identity that is known here holds what was observed')
  return whole(group)
}

/** Makes two identities one, and finds it by its primary. */
function unite(known: Neighbourhood, a: KnownGroup, b: KnownGroup): KnownGroup {
  if (a === b) return a
  known.groups.delete(primaryOf(a))
  known.groups.delete(primaryOf(b))
  const one = joined(a, b)
  known.groups.set(primaryOf(one), one)
  return one
}
