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

/** By which of its identifiers an observation joins, and which one only stands by. */
export type Joining = { readonly by: readonly Identifier[]; readonly bystander: Identifier | null }

/**
 * Tells by which of its identifiers an observation only ever joins: by all, since nothing that was
 * decided touches them; by one, since the other stands by, and then the caller sees to it that nothing
 * is shown that the identity of the one hides; null where decisions have more of a say. Those after
 * `lastKnown` were never observed.
 */
export function joining(db: Database.Database, evidence: Evidence) {
  const sql = statements(db)
  const isForbidden = (one: IdentifierNumber, other: IdentifierNumber) =>
    evidence.rulingsOf(one).some(({ to, forbidden }) => to === other && forbidden)

  return (
    { event, identifiers }: Recorded<ContactObserved>,
    lastKnown: IdentifierNumber | 0,
    limits: Limits
  ): Joining | null => {
    const places = identifiers.map(({ number }) =>
      number > lastKnown ? undefined : sql.place.get(number)
    )
    /** Whether it may not be shared with any more others. */
    const isFull = ({ number, kind }: Identifier, nth: number) =>
      (places[nth]?.sharing ?? 0) >= limits[kind] &&
      (evidence.state(number)?.sharing ?? 0) >= limits[kind]
    const joined: Joining = { by: identifiers, bystander: null }

    const unclear = places.findIndex((place) => place?.plain === 0)
    if (unclear !== -1) {
      const [nth, one, other] = [1 - unclear, identifiers[1 - unclear], identifiers[unclear]]
      if (one === undefined || other === undefined) return null
      const clear = places[nth]?.plain !== 0 && !isFull(one, nth)
      return clear && !canLink(evidence, other.number) ? { by: [one], bystander: other } : null
    }
    const [one, other] = identifiers
    if (one === undefined || other === undefined) return joined
    const contested = places.some((place) => place?.contested === 1)
    if (contested && isForbidden(one.number, other.number)) return null
    const met = !identifiers.some(isFull) || evidence.pair(valuesOf(event)).first > 0
    return met ? joined : null
  }
}
