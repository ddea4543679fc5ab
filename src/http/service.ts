import type { CanonicalPhone } from '../domain/identifier.ts'
import type { Ledger } from '../ledger.ts'

/** The service as the routes see it. */
export type Service = {
  /** Whether it takes requests, and if not, why. */
  readonly state: 'starting' | 'ready' | 'stopping'
  /** The ledger that it serves; bytes are JSON in UTF-8. Throws `unavailable` while not ready. */
  ledger(): Ledger<Uint8Array>
  readonly canonicalPhone: CanonicalPhone
}
