import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../src/domain/event.ts'
import { type Graph, type LiveLink, liveLinks, otherEnd } from '../src/domain/graph.ts'
import { once, remembering } from '../src/domain/remembering.ts'
import { jsonRows } from './json-rows.ts'

const statements = (db: Database.Database) => ({
  ruled: db.prepare<[], number>('SELECT EXISTS (SELECT 1 FROM decisions)').pluck(),
  links: jsonRows<[number, number], LiveLink>(
    db,
    `json_object('to', "to", 'since', since)`,
    /* sql */ `
      FROM (
        SELECT phone_number AS "to", first AS since
        FROM pairs
        WHERE email = ? AND phone_number > 0
        UNION ALL
        SELECT email, first
        FROM pairs
        WHERE phone_number = ? AND email > 0)`
  )
})

/** A walk through the evidence, which reads each identifier once. */
export type Walk = {
  /** The live links of an identifier, the same ones in the same order at each telling. */
  live(identifier: IdentifierNumber): readonly LiveLink[]
  /** Its links by evidence, whatever hinders them. */
  evident(identifier: IdentifierNumber): readonly LiveLink[]
}

/** Starts walks at the head. Where nothing was ever decided, what was observed is all there is. */
export function walks(db: Database.Database, graph: Graph): () => Walk {
  const sql = statements(db)
  return () => {
    if (sql.ruled.get() === 1) return walkIn(graph)
    const links = once((from: IdentifierNumber) => sql.links(from, from))
    return { live: links, evident: links }
  }
}

/** A walk through any evidence. */
export function walkIn(graph: Graph): Walk {
  const known = remembering(graph)
  return {
    live: once((from: IdentifierNumber) => {
      known.foresee?.([from])
      return sorted(liveLinks(known, from))
    }),
    evident: once((from: IdentifierNumber) => {
      const seen = known.pairsOf(from).flatMap((pair) => {
        const to = otherEnd(pair, from)
        return to !== 0 && pair.first > 0 ? [{ to, since: pair.first }] : []
      })
      const asserted = known
        .rulingsOf(from)
        .flatMap(({ to, asserted }) => (asserted > 0 ? [{ to, since: asserted }] : []))
      return sorted([...seen, ...asserted])
    })
  }
}

/** The same walk, which ends by throwing `tooFar` once it has read more identifiers than allowed. */
export function bounded<T>(links: (from: IdentifierNumber) => T, most: number) {
  const read = new Set<IdentifierNumber>()
  return (from: IdentifierNumber): T => {
    if (read.add(from).size > most) throw tooFar
    return links(from)
  }
}

const tooFar = new Error('the walk went too far')

/** What is found within bounds; undefined when the walk went too far. */
export function withinBounds<T>(find: () => T): T | undefined {
  try {
    return find()
  } catch (error) {
    if (error === tooFar) return undefined
    throw error
  }
}

function sorted(links: readonly LiveLink[]): LiveLink[] {
  return links.toSorted((a, b) => a.since - b.since || a.to - b.to)
}
