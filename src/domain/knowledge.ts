import type { Bystander, Knowledge, Known, Observation } from './decide.ts'
import { lists, primaryOf, whole } from './known-group.ts'
import type { Neighbourhood, Place } from './neighbourhood.ts'

/** What is known of what a request names. */
export function knowledgeOf(neighbourhood: Neighbourhood, asked: Observation): Knowledge {
  const { places, keys, limits } = neighbourhood
  const { email, phoneNumber, idempotencyKey } = asked
  const one = email === null ? undefined : places.get(email)
  const other = phoneNumber === null ? undefined : places.get(phoneNumber)
  const together = email !== null && phoneNumber !== null
  const full = together && ((one?.room ?? limits.email) < 1 || (other?.room ?? limits.phone) < 1)
  const met = one !== undefined && other !== undefined
  const hiding = met && mergesHidden(one, other)
  const beside = hiding ? [one, other].find(hidesNothing) : undefined
  const unclear = one?.group === null || other?.group === null || (hiding && beside === undefined)
  return {
    email: one === undefined ? null : knownAt(one),
    phoneNumber: other === undefined ? null : knownAt(other),
    sameKey: idempotencyKey === null ? null : (keys.get(idempotencyKey) ?? null),
    ruled: unclear || (full && !met),
    besideHidden: beside?.number ?? null,
    contested: met && (one.contested || other.contested),
    full: met && full,
    bystander:
      together && unclear
        ? (bystanderAt(one, 'email', email, other, limits.phone) ??
          bystanderAt(other, 'phoneNumber', phoneNumber, one, limits.email))
        : null
  }
}

/** A value as a bystander beside another one, which has so much room if it is new; null where it is none. */
function bystanderAt(
  place: Place | undefined,
  column: 'email' | 'phoneNumber',
  value: string,
  other: Place | undefined,
  limit: number
): Bystander | null {
  if (place?.group !== null || other?.group === null || (other?.room ?? limit) < 1) return null
  const { number } = place
  if (other === undefined) return { number, listed: false, hiding: null }
  const group = whole(other.group)
  const contacts = group.contacts.length
  return {
    number,
    listed: lists(group, column, value),
    hiding: group.hides ? { identifier: other.number, contacts } : null
  }
}

function knownAt({ number, group }: Place): Known {
  return { number, primary: group === null ? null : primaryOf(whole(group)) }
}

/** Whether two places stand in two groups of which one hides something. */
function mergesHidden(one: Place, other: Place): boolean {
  if (one.group === null || other.group === null || one.group === other.group) return false
  const [a, b] = [whole(one.group), whole(other.group)]
  return a !== b && (a.hides || b.hides)
}

function hidesNothing({ group }: Place): boolean {
  return group !== null && !whole(group).hides
}
