import type Database from 'better-sqlite3'
import type { IdentifierNumber, Position } from '../src/domain/event.ts'
import { shortestChain } from '../src/domain/explain.ts'
import type { Graph } from '../src/domain/graph.ts'
import type { Parting } from '../src/why.ts'
import type { EvidenceQueries } from './evidence/queries.ts'
import { bounded, walkIn, withinBounds } from './walk.ts'

/** How many identifiers are visited in search of what once connected two, and at each trial. */
const mostVisited = 2_000

/** How many events are tried that may have parted two, the latest first. */
const mostTried = 50

const statements = (db: Database.Database) => ({
  everLinked: db
    .prepare<[{ of: number }], number>(/* sql */ `
      SELECT phone_number FROM pairs WHERE email = :of AND phone_number > 0
      UNION
      SELECT email FROM pairs WHERE phone_number = :of AND email > 0
      UNION
      SELECT other FROM rulings WHERE one = :of`)
    .pluck(),
  /** What may have cut links of an identifier. */
  cuts: db
    .prepare<[{ of: number; at: number }], number>(/* sql */ `
      SELECT position FROM abilities WHERE identifier = :of AND able = 0 AND position <= :at
      UNION
      SELECT position FROM decisions
      WHERE one = :of AND position <= :at AND type IN ('LinkForbidden', 'AssertionWithdrawn')
      UNION
      SELECT position FROM decisions
      WHERE other = :of AND position <= :at AND type IN ('LinkForbidden', 'AssertionWithdrawn')
      UNION
      SELECT seen.retracted
      FROM pairs
      JOIN observations AS seen
        ON seen.email = pairs.email AND seen.phone_number = pairs.phone_number
      WHERE (pairs.email = :of OR pairs.phone_number = :of) AND seen.retracted <= :at`)
    .pluck()
})

/**
 * Finds the event that parted two identifiers which are not connected at a position; null when they
 * never were, undefined when what lies between them is too much to be searched.
 */
export function partings(
  db: Database.Database,
  graphAt: (at: Position | 0) => Graph,
  evidence: EvidenceQueries
) {
  const sql = statements(db)

  /**
   * Everything that was ever linked to one of two, by whatever chain; of much more than can be looked
   * at, the shortest chain between them. Empty when nothing ever linked them.
   */
  const everBetween = (
    a: IdentifierNumber,
    b: IdentifierNumber
  ): Iterable<IdentifierNumber> | undefined => {
    const reached = new Set([a])
    for (const at of reached) {
      if (reached.size > mostVisited) return shortestEver(a, b)
      for (const to of sql.everLinked.all({ of: at })) reached.add(to)
    }
    return reached.has(b) ? reached : []
  }

  const shortestEver = (a: IdentifierNumber, b: IdentifierNumber) => {
    const ever = (of: IdentifierNumber) =>
      sql.everLinked.all({ of }).map((to) => ({ to, since: to }))
    return withinBounds(() => shortestChain(bounded(ever, mostVisited), a, b) ?? [])
  }

  const connected = (a: IdentifierNumber, b: IdentifierNumber, at: Position | 0) => {
    const { live } = walkIn(graphAt(at))
    return withinBounds(() => shortestChain(bounded(live, mostVisited), a, b) !== null)
  }

  return (a: IdentifierNumber, b: IdentifierNumber, at: Position): Parting | null | undefined => {
    if (a === b) return null
    const between = everBetween(a, b)
    if (between === undefined) return undefined
    const cuts = [...new Set([...between].flatMap((of) => sql.cuts.all({ of, at })))]
    const latestFirst = cuts.sort((x, y) => y - x)
    for (const cut of latestFirst.slice(0, mostTried)) {
      const before = connected(a, b, cut - 1)
      if (before === undefined) return undefined
      if (!before) continue
      const { actor, reason } = evidence.decision(cut) ?? { actor: null, reason: null }
      return { ...evidence.happened(cut), actor, reason }
    }
    return latestFirst.length > mostTried ? undefined : null
  }
}
