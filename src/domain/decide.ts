import { decideOnEvidence } from './decide-on-evidence.ts'
import { type Decided, type Named, type Next, record } from './decided.ts'
import { LedgerError } from './errors.ts'
import type {
  ContactId,
  ContactObserved,
  IdentifierNumber,
  LedgerEvent,
  Origin,
  Timestamp
} from './event.ts'
import { canLink, type Evidence, repeats, valuesOf } from './graph.ts'
import { type HidingIdentity, listsQuietly, mergesQuietly } from './hidden.ts'
import type { Identifier, Kind } from './identifier.ts'
import type { Ruling } from './ruling.ts'

/** One `/identify` request, normalised: an email, a phone, or both. */
export type Observation = {
  readonly email: string | null
  readonly phoneNumber: string | null
  readonly source: string
  readonly idempotencyKey: string | null
  /** When it was seen; null means now. */
  readonly observedAt: Timestamp | null
  readonly origin?: Origin
}

/** What is known of one identifier: its number and the primary of the identity that lists it. */
export type Known = { readonly number: IdentifierNumber; readonly primary: ContactId | null }

/** What was observed under an idempotency key. */
export type SameKey = Pick<ContactObserved, 'email' | 'phoneNumber'>

/** What is known of what was asked, at the head of the log. */
export type Knowledge = {
  readonly email: Known | null
  readonly phoneNumber: Known | null
  /** The observation already recorded under the request's idempotency key. */
  readonly sameKey: SameKey | null
  /** Whether what operators decided has a say here, so that only the evidence can tell. */
  readonly ruled: boolean
  /** Where the two would merge, and one side hides something: the value of the other; null elsewhere. */
  readonly besideHidden: IdentifierNumber | null
  /** Whether the link between the two may be forbidden, as some link of either is. */
  readonly contested: boolean
  /** Whether one of them may not be shared with any more others. */
  readonly full: boolean
  /** The value that perhaps links nobody, where the other one can; null elsewhere. The evidence tells. */
  readonly bystander: Bystander | null
}

/** A value beside which another decides where their observation stands. */
export type Bystander = {
  readonly number: IdentifierNumber
  /** Whether the identity of the other value lists it already. */
  readonly listed: boolean
  /** That identity, where it hides something; null elsewhere, and where the other value is new. */
  readonly hiding: HidingIdentity | null
}

/**
 * Decides what a request adds to the log: an observation, and what it does to identities; nothing
 * when its idempotency key was already used for the same request. The evidence is asked only where
 * what is known does not suffice. Throws `key_reused` when the key was used for another request.
 */
export function decide(
  known: Knowledge,
  asked: Observation,
  next: Next,
  evidence: () => Evidence
): Decided {
  if (known.sameKey !== null) {
    if (sameRequest(known.sameKey, known, asked)) return { events: [], reshaping: null }
    throw new LedgerError(
      'key_reused',
      'This Idempotency-Key was already used with another body. Use a new key for a new request.'
    )
  }
  const named = nameAll(known, asked, next)
  const observed: ContactObserved = {
    type: 'ContactObserved',
    email: named.email,
    phoneNumber: named.phoneNumber,
    contact: named.news ? next.contact : null,
    source: asked.source,
    observedAt: asked.observedAt ?? next.now,
    ...(asked.idempotencyKey === null ? {} : { idempotencyKey: asked.idempotencyKey }),
    ...asked.origin
  }
  if (known.ruled || ruledBetween(known, evidence) || showsHidden(known, evidence)) {
    const { bystander } = known
    if (bystander !== null && standsByQuietly(bystander, evidence())) {
      return decideBeside(bystander, observed, named, next)
    }
    return !named.news && repeats(evidence(), valuesOf(named))
      ? { events: record([observed], named.identifiers, next), reshaping: null, repeats: true }
      : decideOnEvidence(evidence(), observed, named, next)
  }
  const primaries = [known.email, known.phoneNumber].flatMap((one) => one?.primary ?? [])
  const [survivor = 0, absorbed = 0] = primaries.sort((a, b) => a - b)
  const merges = primaries.length === 2 && survivor !== absorbed
  const events: LedgerEvent[] = [observed]
  if (merges) {
    events.push({ type: 'ContactsMerged', survivor, absorbed: [absorbed], cause: next.position })
  }
  return { events: record(events, named.identifiers, next), reshaping: null }
}

/** Whether a value links nobody, and what it adds to an identity shows nothing that this hides. */
function standsByQuietly({ number, listed, hiding }: Bystander, evidence: Evidence): boolean {
  if (canLink(evidence, number)) return false
  return listed || hiding === null || listsQuietly(evidence, hiding, number)
}

/**
 * Decides an observation of a bystander and another value. The bystander links nobody, before or after, so
 * the observation stands where the other value does. Nothing that is hidden there comes to be shown, and the
 * other value stays within its limit: nobody moves, and nothing is shown but what the observation adds.
 */
function decideBeside(
  bystander: Bystander,
  asked: ContactObserved,
  { identifiers }: Named,
  next: Next
): Decided {
  const introduces = identifiers
    .map(({ number }) => number)
    .filter((one) => (one === bystander.number ? !bystander.listed : one >= next.identifier))
  const observed: ContactObserved =
    introduces.length === 0
      ? { ...asked, contact: null }
      : { ...asked, contact: next.contact, introduces }
  return { events: record([observed], identifiers, next), reshaping: null }
}

/** Whether what operators decided has a say in the link between two values that are both known. */
function ruledBetween({ email, phoneNumber, contested, full }: Knowledge, graph: () => Evidence) {
  if (email === null || phoneNumber === null || !(contested || full)) return false
  const evidence = graph()
  const values = { email: email.number, phoneNumber: phoneNumber.number }
  const forbidden = ({ to, forbidden }: Ruling) => to === phoneNumber.number && forbidden
  if (contested && evidence.rulingsOf(email.number).some(forbidden)) return true
  return full && evidence.pair(values).first === 0
}

/** Whether a merge may show what one of the two identities hides. */
function showsHidden({ besideHidden }: Knowledge, evidence: () => Evidence) {
  return besideHidden !== null && !mergesQuietly(evidence(), besideHidden)
}

/** Those values of a request that are not known get the next numbers. */
function nameAll({ email, phoneNumber }: Knowledge, asked: Observation, next: Next): Named {
  const identifiers: Identifier[] = []
  let { identifier } = next
  const name = (kind: Kind, value: string | null, known: Known | null) => {
    if (value === null) return null
    const number = known?.number ?? identifier++
    identifiers.push({ number, kind, value })
    return number
  }
  return {
    email: name('email', asked.email, email),
    phoneNumber: name('phone', asked.phoneNumber, phoneNumber),
    identifiers,
    news: identifier > next.identifier
  }
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
