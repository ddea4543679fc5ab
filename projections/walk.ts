import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../src/domain/event.ts'
import {
  ableState,
  canLink,
  type Graph,
  type LiveLink,
  liveLinks,
  otherEnd
} from '../src/domain/graph.ts'
import { memoized, remembering } from '../src/domain/remembering.ts'
import { jsonRows } from './json-rows.ts'

const statements = (db: Database.Database) => ({
  special: db
    .prepare<[number], IdentifierNumber>(/* sql */ `
      SELECT DISTINCT identifier
      FROM (
        SELECT identifier FROM abilities
        UNION ALL
        SELECT one FROM rulings)
      LIMIT ?`)
    .pluck(),
  links: jsonRows<[number, number], LiveLink>(
    db,
    `json_object('to', "to", 'since', since)`,
    /* sql */ `
      FROM (
        SELECT phone_number AS "to", first AS since
        FROM pairs
        WHERE email = ? AND phone_number > 0 AND first > 0
        UNION ALL
        SELECT email, first
        FROM pairs
        WHERE phone_number = ? AND email > 0 AND first > 0)`
  )
})

/** Where more identifiers have a ruling, or ever came to link or ceased to, all are walked alike. */
const mostSpecial = 10_000

/** A walk through the evidence, which reads each identifier once. */
export type Walk = {
  /** The live links of an identifier, the same ones in the same order at each telling. */
  live(identifier: IdentifierNumber): readonly LiveLink[]
  /** Its links by evidence, whatever hinders them. */
  evident(identifier: IdentifierNumber): readonly LiveLink[]
}

/**
 * Starts walks at the head. Most identifiers could always link and have no ruling: they are linked to
 * what they were seen with, since then. Where more than `most` are otherwise, all are walked as at any
 * position.
 */
export function walks(db: Database.Database, graph: Graph, most = mostSpecial): () => Walk {
  const sql = statements(db)
  return () => {
    const known = remembering(graph)
    const general = walkIn(known)
    const found = sql.special.all(most + 1)
    if (found.length > most) return general
    const special = new Set(found)
    const seen = memoized((from: IdentifierNumber) => sorted(sql.links(from, from)))
    const alive = (link: LiveLink): LiveLink | [] => {
      if (!special.has(link.to)) return link
      const state = ableState(known, link.to)
      return state === null ? [] : { ...link, since: Math.max(link.since, state.ableSince) }
    }
    return {
      live: memoized((from: IdentifierNumber) => {
        if (special.has(from)) return general.live(from)
        const links = seen(from)
        return links.some(({ to }) => special.has(to)) ? sorted(links.flatMap(alive)) : links
      }),
      evident: (from) => (special.has(from) ? general.evident(from) : seen(from))
    }
  }
}

/** A walk through any evidence. */
export function walkIn(graph: Graph): Walk {
  const known = remembering(graph)
  return {
    live: memoized((from: IdentifierNumber) => {
      if (canLink(known, from)) known.prefetch?.([from])
      return sorted(liveLinks(known, from))
    }),
    evident: memoized((from: IdentifierNumber) => {
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
