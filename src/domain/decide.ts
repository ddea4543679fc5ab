import { LedgerError } from './errors.ts'
import type {
  ContactId,
  ContactObserved,
  IdentifierNumber,
  LedgerEvent,
  Position,
  Recorded,
  Timestamp
} from './event.ts'
import type { Identifier } from './identifier.ts'

/** One `/identify` request, normalised: an email, a phone, or both. */
export type Observation = {
  readonly email: string | null
  readonly phoneNumber: string | null
  readonly source: string
  readonly idempotencyKey: string | null
}

/** What is known of one identifier: its number and the primary of the identity that lists it. */
export type Known = { readonly number: IdentifierNumber; readonly primary: ContactId }

/** What was observed under an idempotency key. */
export type SameKey = Pick<ContactObserved, 'email' | 'phoneNumber'>

/** What is known of what was asked, at the head of the log. */
export type Knowledge = {
  readonly email: Known | null
  readonly phoneNumber: Known | null
  /** The observation already recorded under the request's idempotency key. */
  readonly sameKey: SameKey | null
}

/** The next of everything that is numbered, and the time of writing. */
export type Next = {
  readonly position: Position
  readonly contact: ContactId
  readonly identifier: IdentifierNumber
  readonly now: Timestamp
}

/**
 * Decides what a request adds to the log: an observation, and a merge where it joins two
 * identities; nothing when its idempotency key was already used for the same request.
 * Throws `key_reused` when the key was used for another one.
 */
export function decide(known: Knowledge, asked: Observation, next: Next): Recorded[] {
  if (known.sameKey !== null) {
    if (sameRequest(known.sameKey, known, asked)) return []
    throw new LedgerError(
      'key_reused',
      'This Idempotency-Key was already used with another body. Use a new key for a new request.'
    )
  }

  const identifiers: Identifier[] = []
  let { identifier } = next
  const name = (kind: Identifier['kind'], value: string | null, known: Known | null) => {
    if (value === null) return null
    const number = known?.number ?? identifier++
    identifiers.push({ number, kind, value })
    return number
  }
  const email = name('email', asked.email, known.email)
  const phoneNumber = name('phone', asked.phoneNumber, known.phoneNumber)
  const bringsNews = identifier > next.identifier

  const events: LedgerEvent[] = [
    {
      type: 'ContactObserved',
      email,
      phoneNumber,
      contact: bringsNews ? next.contact : null,
      source: asked.source,
      observedAt: next.now,
      ...(asked.idempotencyKey === null ? {} : { idempotencyKey: asked.idempotencyKey })
    }
  ]
  if (known.email !== null && known.phoneNumber !== null) {
    const [a, b] = [known.email.primary, known.phoneNumber.primary]
    if (a !== b) {
      const [survivor, absorbed] = [Math.min(a, b), Math.max(a, b)]
      events.push({ type: 'ContactsMerged', survivor, absorbed: [absorbed], cause: next.position })
    }
  }
  return events.map((event, nth) => ({
    position: next.position + nth,
    recordedAt: next.now,
    event,
    identifiers: event.type === 'ContactObserved' ? identifiers : []
  }))
}

/** Whether a request names exactly what the observation under its key named. */
function sameRequest(seen: SameKey, known: Knowledge, asked: Observation) {
  const same = (number: IdentifierNumber | null, value: string | null, now: Known | null) =>
    value === null ? number === null : number !== null && now?.number === number
  return (
    same(seen.email, asked.email, known.email) &&
    same(seen.phoneNumber, asked.phoneNumber, known.phoneNumber)
  )
}
