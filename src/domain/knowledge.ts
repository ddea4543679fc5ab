import type { Bystander } from './bystander.ts'
import type { Knowledge, Known, Observation, Say } from './decide.ts'
import { lists, primaryOf, whole } from './known-group.ts'
import type { Limits, Neighbourhood, Place } from './neighbourhood.ts'

/** What is known of what a request names. */
export function knowledgeOf(neighbourhood: Neighbourhood, asked: Observation): Knowledge {
  const { places, keys, limits } = neighbourhood
  const { email, phoneNumber, idempotencyKey } = asked
  const one = email === null ? undefined : places.get(email)
  const other = phoneNumber === null ? undefined : places.get(phoneNumber)
  return {
    email: one === undefined ? null : knownAt(one),
    phoneNumber: other === undefined ? null : knownAt(other),
    sameKey: idempotencyKey === null ? null : (keys.get(idempotencyKey) ?? null),
    say:
      email === null || phoneNumber === null
        ? sayInOne(one ?? other)
        : sayInTwo({ value: email, place: one }, { value: phoneNumber, place: other }, limits)
  }
}

/** A value of a request, and its place where it is known. */
type Placed = { readonly value: string; readonly place: Place | undefined }

const none: Say = { is: 'none' }
const certain: Say = { is: 'certain', bystander: null }

function sayInOne(place: Place | undefined): Say {
  return place?.group === null ? certain : none
}

function sayInTwo(email: Placed, phone: Placed, limits: Limits): Say {
  const [one, other] = [email.place, phone.place]
  if (one?.group === null || other?.group === null) {
    const bystander =
      bystanderAt(email, 'email', other, limits.phone) ??
      bystanderAt(phone, 'phoneNumber', one, limits.email)
    return bystander === null ? certain : { is: 'certain', bystander }
  }
  const full = (one?.room ?? limits.email) < 1 || (other?.room ?? limits.phone) < 1
  if (one === undefined || other === undefined) return full ? certain : none
  const [a, b] = [whole(one.group), whole(other.group)]
  const merges = a !== b
  if (merges && a.hides && b.hides) return certain
  const besideHidden = merges && a.hides ? other.number : merges && b.hides ? one.number : null
  const contested = one.contested || other.contested
  if (!(contested || full || besideHidden !== null)) return none
  const between = { email: one.number, phoneNumber: other.number }
  return { is: 'doubtful', between, contested, full, besideHidden }
}

/** A value as a bystander beside another one, which has so much room if it is new; null where it is none. */
function bystanderAt(
  { place, value }: Placed,
  column: 'email' | 'phoneNumber',
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
