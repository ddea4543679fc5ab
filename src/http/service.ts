import type { CanonicalPhone } from '../domain/identifier.ts'
import type { Ledger } from '../ledger.ts'

/** The service as the routes see it. */
export type Service = {
  /** Whether it takes requests, and if not, why. */
  readonly state: 'starting' | 'ready' | 'stopping'
  /** The ledger that it serves. Throws `unavailable` while it is not ready. */
  ledger(): Ledger
  readonly canonicalPhone: CanonicalPhone
}
