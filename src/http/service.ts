import type { CanonicalPhone } from '../domain/identifier.ts'
import type { Ledger } from '../ledger.ts'
import type { EventLog } from '../log/event-log.ts'
import type { ReadingView } from '../views.ts'

/** What the HTTP API serves: a ledger with its log and its read model, once they are open. */
export type Open = {
  readonly ledger: Ledger
  readonly log: EventLog
  readonly view: ReadingView
}

/** The service as the routes see it. */
export type Service = {
  /** Whether it takes requests, and if not, why. */
  readonly state: 'starting' | 'ready' | 'stopping'
  /** Throws `unavailable` while it is not ready. */
  open(): Open
  readonly canonicalPhone: CanonicalPhone
}
