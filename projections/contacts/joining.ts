import type Database from 'better-sqlite3'
import type { ContactObserved, IdentifierNumber, Recorded } from '../../src/domain/event.ts'
import { canLink, type Evidence, valuesOf } from '../../src/domain/graph.ts'
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
 * Tells by which of its identifiers an observation only ever joins: by all, since nothing that was
 * decided touches them; by one, in an identity that hides nothing, since the other stands by; null where
 * decisions have more of a say. Those after `lastKnown` were never observed.
 */
export function joining(db: Database.Database, evidence: Evidence) {
  const sql = statements(db)
  const isForbidden = (one: IdentifierNumber, other: IdentifierNumber) =>
    evidence.rulingsOf(one).some(({ to, forbidden }) => to === other && forbidden)

  return (
    { event, identifiers }: Recorded<ContactObserved>,
    lastKnown: IdentifierNumber | 0,
    limits: Limits
  ): readonly Identifier[] | null => {
    const places = new Map(
      identifiers.map((one) => [
        one,
        one.number > lastKnown ? undefined : sql.place.get(one.number)
      ])
    )
    /** Whether it may be over its limit with one more. */
    const isFull = (one: Identifier) => {
      const [limit, most] = [limits[one.kind], places.get(one)?.sharing ?? 0]
      return most >= limit && (evidence.state(one.number)?.sharing ?? 0) >= limit
    }
    const plain = identifiers.filter((one) => places.get(one)?.plain !== 0)
    if (plain.length < identifiers.length) {
      const [one] = plain
      const other = identifiers.find(({ number }) => number !== one?.number)
      if (one === undefined || other === undefined || isFull(one)) return null
      return canLink(evidence, other.number) ? null : plain
    }
    const [one, other] = identifiers
    if (one === undefined || other === undefined) return identifiers
    const contested = identifiers.some((one) => places.get(one)?.contested === 1)
    if (contested && isForbidden(one.number, other.number)) return null
    const met = !identifiers.some(isFull) || evidence.pair(valuesOf(event)).first > 0
    return met ? identifiers : null
  }
}

/** The sharing limits as they stand; Infinity for none. */
export function limitsOf(graph: Evidence): Limits {
  return { email: graph.limit('email') ?? Infinity, phone: graph.limit('phone') ?? Infinity }
}
