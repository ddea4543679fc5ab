import type Database from 'better-sqlite3'
import type { Decision, IdentifierNumber, LedgerEvent, Position } from '../../src/domain/event.ts'
import type { LinkEvidence, Moment } from '../../src/domain/explain.ts'
import type { Values } from '../../src/domain/graph.ts'
import type { Ruled } from '../../src/why.ts'
import { seenIn } from './seen.ts'

type Happened = { readonly type: LedgerEvent['type']; readonly time: number }

const statements = (db: Database.Database) => ({
  happened: db.prepare<[{ position: number }], Happened>(/* sql */ `
    SELECT 'ContactObserved' AS type, observed_at AS time
    FROM observations
    WHERE position = :position
    UNION ALL
    SELECT type, decided_at
    FROM decisions
    WHERE position = :position`),
  decision: db.prepare<[number], Ruled>(/* sql */ `
    SELECT position, decided_at AS time, type, actor, reason
    FROM decisions
    WHERE position = ?`),
  latestOn: db.prepare<[{ on: number; type: string; at: number }], Ruled>(/* sql */ `
    SELECT position, decided_at AS time, type, actor, reason
    FROM decisions
    WHERE one = :on AND type = :type AND position <= :at
    ORDER BY position DESC
    LIMIT 1`),
  latestBetween: db.prepare<[{ one: number; other: number; type: string; at: number }], Ruled>(
    /* sql */ `
    SELECT position, decided_at AS time, type, actor, reason
    FROM decisions
    WHERE type = :type AND position <= :at
      AND ((one = :one AND other = :other) OR (one = :other AND other = :one))
    ORDER BY position DESC
    LIMIT 1`
  ),
  latestLimit: db.prepare<[{ kind: string; at: number }], Ruled>(/* sql */ `
    SELECT position, decided_at AS time, type, actor, reason
    FROM decisions
    WHERE kind = :kind AND position <= :at
    ORDER BY position DESC
    LIMIT 1`)
})

/** What is on record of links and of events, at the head or as of a position. */
export type EvidenceQueries = {
  /** How often live observations carry exactly these values, first and last; null when never. */
  seen(values: Values, asOf?: Position | 0): LinkEvidence | null
  /** What happened at a position of a fact or decision. */
  happened(position: Position): Moment & { readonly type: LedgerEvent['type'] }
  /** The decision at a position; null when there stands none. */
  decision(position: Position): Ruled | null
  /** The latest decision of a type on an identifier, on a link, or on a kind's limit. */
  latestOn(identifier: IdentifierNumber, type: Decision['type'], at: Position | 0): Ruled | null
  latestBetween(
    one: IdentifierNumber,
    other: IdentifierNumber,
    type: Decision['type'],
    at: Position | 0
  ): Ruled | null
  latestLimit(kind: string, at: Position | 0): Ruled | null
}

export function evidenceQueries(db: Database.Database): EvidenceQueries {
  const sql = statements(db)
  const seen = seenIn(db)

  const happened = (position: Position) => {
    const found = sql.happened.get({ position })
    if (found === undefined) throw new Error(`nothing is known of position ${position}`)
    return { position, ...found }
  }
  const moment = (position: Position): Moment => ({ position, time: happened(position).time })

  return {
    happened,
    decision: (position) => sql.decision.get(position) ?? null,

    seen(values, at) {
      const found = seen(values, at)
      if (found === null) return null
      const { count, first, latest } = found
      return { count, first: moment(first), latest: moment(latest) }
    },

    latestOn: (on, type, at) => sql.latestOn.get({ on, type, at }) ?? null,
    latestBetween: (one, other, type, at) =>
      sql.latestBetween.get({ one, other, type, at }) ?? null,
    latestLimit: (kind, at) => sql.latestLimit.get({ kind, at }) ?? null
  }
}
