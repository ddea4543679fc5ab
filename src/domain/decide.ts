import { type Bystander, decideBeside, standsByQuietly } from './bystander.ts'
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
import { type Evidence, repeats, valuesOf } from './graph.ts'
import { mergesQuietly } from './hidden.ts'
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
  readonly say: Say
}

/** Whether what operators decided has a say in what a request comes to. If it is doubtful, the evidence tells. */
export type Say =
  | { readonly is: 'none' }
  | {
      readonly is: 'certain'
      /** The value that perhaps links nobody, where the other one can; null elsewhere. */
      readonly bystander: Bystander | null
    }
  | ({ readonly is: 'doubtful' } & Doubts)

/** Why decisions may have a say where two values are known that can both link. */
export type Doubts = {
  readonly between: { readonly email: IdentifierNumber; readonly phoneNumber: IdentifierNumber }
  /** Whether the link between the two may be forbidden, as some link of either is. */
  readonly contested: boolean
  /** Whether one of them may not be shared with any more others. */
  readonly full: boolean
  /** Where the two would merge, and one side hides something: the value of the other; null elsewhere. */
  readonly besideHidden: IdentifierNumber | null
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
  const { say } = known
  if (say.is === 'none' || (say.is === 'doubtful' && !isConfirmed(say, evidence()))) {
    return decideByPrimaries(known, observed, named, next)
  }
  if (
    say.is === 'certain' &&
    say.bystander !== null &&
    standsByQuietly(say.bystander, evidence())
  ) {
    return decideBeside(say.bystander, observed, named, next)
  }
  return !named.news && repeats(evidence(), valuesOf(named))
    ? { events: record([observed], named.identifiers, next), reshaping: null, repeats: true }
    : decideOnEvidence(evidence(), observed, named, next)
}

/** Decides an observation where no decision has a say: two primaries that it knows become one. */
function decideByPrimaries(
  { email, phoneNumber }: Knowledge,
  observed: ContactObserved,
  { identifiers }: Named,
  next: Next
): Decided {
  const primaries = [email, phoneNumber].flatMap((one) => one?.primary ?? [])
  const [survivor = 0, absorbed = 0] = primaries.sort((a, b) => a - b)
  const merges = primaries.length === 2 && survivor !== absorbed
  const events: LedgerEvent[] = [observed]
  if (merges) {
    events.push({ type: 'ContactsMerged', survivor, absorbed: [absorbed], cause: next.position })
  }
  return { events: record(events, identifiers, next), reshaping: null }
}

/** Whether the evidence confirms any of these doubts. */
function isConfirmed({ between, contested, full, besideHidden }: Doubts, evidence: Evidence) {
  const forbids = ({ to, forbidden }: Ruling) => to === between.phoneNumber && forbidden
  if (contested && evidence.rulingsOf(between.email).some(forbids)) return true
  if (full && evidence.pair(between).first === 0) return true
  return besideHidden !== null && !mergesQuietly(evidence, besideHidden)
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
