import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../../src/domain/event.ts'
import type { Evidence } from '../../src/domain/graph.ts'
import type { Identifier } from '../../src/domain/identifier.ts'
import type { Limits } from '../../src/domain/neighbourhood.ts'
import { sharingAtMost } from '../evidence/sharing.ts'

type Place = {
  readonly plain: 0 | 1
  readonly contested: 0 | 1
  /** With how many others it is shared at most. */
  readonly sharing: number
}

const statements = (db: Database.Database) => ({
  place: db.prepare<[number], Place>(/* sql */ `
    SELECT plain, contested, ${sharingAtMost} AS sharing
    FROM identifiers
    WHERE number = ?`)
})

/**
 * Tells whether an observation of these identifiers only ever joins, since nothing that was decided
 * touches them; those after `lastKnown` were never observed.
 */
export function plainness(db: Database.Database, evidence: Evidence) {
  const sql = statements(db)
  const isForbidden = (one: IdentifierNumber, other: IdentifierNumber) =>
    evidence.rulingsOf(one).some(({ to, forbidden }) => to === other && forbidden)

  return (
    identifiers: readonly Identifier[],
    lastKnown: IdentifierNumber | 0,
    limits: Limits
  ): boolean => {
    const places = identifiers.map(({ number }) =>
      number > lastKnown ? undefined : sql.place.get(number)
    )
    if (places.some((place) => place?.plain === 0)) return false
    const [one, other] = identifiers
    if (one === undefined || other === undefined) return true
    const contested = places.some((place) => place?.contested === 1)
    if (contested && isForbidden(one.number, other.number)) return false
    const full = identifiers.some(
      ({ number, kind }, nth) =>
        (places[nth]?.sharing ?? 0) >= limits[kind] &&
        (evidence.state(number)?.sharing ?? 0) >= limits[kind]
    )
    return !full || evidence.pair({ email: one.number, phoneNumber: other.number }).first > 0
  }
}

/** The sharing limits as they stand; Infinity for none. */
export function limitsOf(graph: Evidence): Limits {
  return { email: graph.limit('email') ?? Infinity, phone: graph.limit('phone') ?? Infinity }
}
