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
  decided: db
    .prepare<[number], IdentifierNumber>(/* sql */ `
      SELECT identifier FROM abilities
      UNION ALL
      SELECT one FROM rulings
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

/** Beyond so many decisions it is not told beforehand which identifiers they are about. */
const mostDecided = 10_000

/** A walk through the evidence, which reads each identifier once. */
export type Walk = {
  /** The live links of an identifier, the same ones in the same order at each telling. */
  live(identifier: IdentifierNumber): readonly LiveLink[]
  /** Its links by evidence, whatever hinders them. */
  evident(identifier: IdentifierNumber): readonly LiveLink[]
}

/**
 * Starts walks at the head. About most identifiers nothing was ever decided: they could always link,
 * and are linked to what they were seen with, since then, but for those who can't link, or could not
 * at some time. Where more than `most` were decided about, all are walked as anywhere else.
 */
export function walks(db: Database.Database, graph: Graph, most = mostDecided): () => Walk {
  const sql = statements(db)
  return () => {
    const known = remembering(graph)
    const general = walkIn(known)
    const found = sql.decided.all(most + 1)
    if (found.length > most) return general
    const decided = new Set(found)
    const seen = memoized((from: IdentifierNumber) => sorted(sql.links(from, from)))
    const alive = (link: LiveLink): LiveLink | [] => {
      if (!decided.has(link.to)) return link
      const state = ableState(known, link.to)
      return state === null ? [] : { ...link, since: Math.max(link.since, state.ableSince) }
    }
    return {
      live: memoized((from: IdentifierNumber) => {
        if (decided.has(from)) return general.live(from)
        const links = seen(from)
        return decided.size === 0 ? links : sorted(links.flatMap(alive))
      }),
      evident: (from) => (decided.has(from) ? general.evident(from) : seen(from))
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
