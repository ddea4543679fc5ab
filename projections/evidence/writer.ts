import type Database from 'better-sqlite3'
import type {
  ContactObserved,
  Decision,
  IdentifierNumber,
  Position,
  Recorded
} from '../../src/domain/event.ts'
import type { Values } from '../../src/domain/graph.ts'
import { linkRulings } from './link-rulings.ts'
import { type Sharing, sharing } from './sharing.ts'

type DecisionRow = {
  readonly position: Position
  readonly type: string
  readonly actor: string
  readonly reason: string
  readonly at: number
  readonly one: IdentifierNumber | null
  readonly other: IdentifierNumber | null
  readonly observation: Position | null
  readonly kind: string | null
  readonly limit: number | null
}

const statements = (db: Database.Database) => ({
  observe: db.prepare<
    [number, number, number, number | null, number, number, 0 | 1],
    void
  >(/* sql */ `
    INSERT INTO observations (
      position, email, phone_number, contact, observed_at, recorded_at, repeats)
    VALUES (?, ?, ?, ?, ?, ?, ?)`),
  begin: db.prepare<[number, number, number], void>(/* sql */ `
    INSERT INTO pairs (email, phone_number, first)
    VALUES (?, ?, ?)`),
  /** Changes nothing where a live observation carries the same. */
  see: db.prepare<[number, number, number], void>(/* sql */ `
    INSERT INTO pairs (email, phone_number, first)
    VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE
    SET first = excluded.first
    WHERE first = 0`),
  seenBefore: db
    .prepare<[number, number], 0 | 1>(/* sql */ `
      SELECT earliest IS NOT NULL
      FROM pairs
      WHERE email = ? AND phone_number = ?`)
    .pluck(),
  forbidden: db
    .prepare<[number, number], number>(/* sql */ `
      SELECT forbidden
      FROM rulings
      WHERE one = ? AND other = ?`)
    .pluck(),
  retract: db.prepare<
    [number, number],
    { email: number; phoneNumber: number; contact: number | null }
  >(/* sql */ `
    UPDATE observations
    SET retracted = ?
    WHERE position = ? AND retracted IS NULL
    RETURNING email, phone_number AS phoneNumber, contact`),
  orphan: db.prepare<[number | null], void>(/* sql */ `
    UPDATE minted
    SET retracted = 1
    WHERE id = ?`),
  /** Tells the first live one after the first one was retracted, 0 when there is none. */
  nextFirst: db
    .prepare<[Values & { readonly observation: Position }], Position | 0>(/* sql */ `
      UPDATE pairs
      SET earliest = coalesce(earliest, first), first = coalesce((
        SELECT position
        FROM observations
        WHERE email = :email AND phone_number = :phoneNumber AND repeats = 1
          AND retracted IS NULL
        ORDER BY position
        LIMIT 1), 0)
      WHERE email = :email AND phone_number = :phoneNumber AND first = :observation
      RETURNING first`)
    .pluck(),
  block: db.prepare<[number, number], void>(/* sql */ `
    UPDATE identifiers
    SET blocked = ?
    WHERE number = ?`),
  decide: db.prepare<[DecisionRow], void>(/* sql */ `
    INSERT INTO decisions (
      position, type, actor, reason, decided_at, one, other, observation, kind, sharing_limit)
    VALUES (
      :position, :type, :actor, :reason, :at, :one, :other, :observation, :kind, :limit)`)
})

/** Keeps what was observed and what was decided. */
export type EvidenceWriter = {
  /**
   * Takes an observation; `fresh` are those of its identifiers that were never observed before. All
   * of them are on record already.
   */
  observe(recorded: Recorded<ContactObserved>, fresh: readonly IdentifierNumber[]): void
  decide(recorded: Recorded<Decision>): void
}

export function evidenceWriter(db: Database.Database): EvidenceWriter {
  const sql = statements(db)
  const counts = sharing(db)
  const rule = linkRulings(db, counts)

  /** Counts a pair that came to be live, or ceased to. */
  const share = (values: Values, change: keyof Sharing) => {
    const { email, phoneNumber } = values
    if (email === 0 || phoneNumber === 0 || sql.forbidden.get(email, phoneNumber) === 1) return
    counts[change](values)
  }

  const retract = (observation: Position, position: Position) => {
    const retracted = sql.retract.get(position, observation)
    if (retracted === undefined) return
    const { email, phoneNumber, contact } = retracted
    sql.orphan.run(contact)
    const first = sql.nextFirst.get({ email, phoneNumber, observation })
    if (first === 0) share(retracted, 'ended')
  }

  return {
    observe({ position, recordedAt, event }, fresh) {
      const { email, phoneNumber, contact, observedAt } = event
      const [a, b] = [email ?? 0, phoneNumber ?? 0]
      if (fresh.length === 0) {
        const wasLive = sql.see.run(a, b, position).changes === 0
        const repeats = wasLive ? 1 : (sql.seenBefore.get(a, b) ?? 0)
        sql.observe.run(position, a, b, contact, observedAt, recordedAt, repeats)
        if (!wasLive) share({ email: a, phoneNumber: b }, 'began')
        return
      }
      sql.observe.run(position, a, b, contact, observedAt, recordedAt, 0)
      // What was never observed can't have met anybody, nor be forbidden to.
      sql.begin.run(a, b, position)
      if (a !== 0 && b !== 0) counts.began({ email: a, phoneNumber: b }, fresh)
    },

    decide({ position, recordedAt, event }) {
      const { type, actor, reason } = event
      const said = { position, type, actor, reason, at: recordedAt, ...nothing }
      switch (event.type) {
        case 'ObservationRetracted':
          sql.decide.run({ ...said, observation: event.observation })
          return retract(event.observation, position)
        case 'IdentifierBlocked':
        case 'IdentifierUnblocked':
          sql.decide.run({ ...said, one: event.identifier })
          return void sql.block.run(event.type === 'IdentifierBlocked' ? 1 : 0, event.identifier)
        case 'LinkForbidden':
        case 'LinkAllowed':
        case 'LinkAsserted':
        case 'AssertionWithdrawn': {
          const [one, other] = event.between
          sql.decide.run({ ...said, one, other })
          return rule(one, other, event.type, position)
        }
        case 'SharingLimitSet':
          return void sql.decide.run({ ...said, kind: event.kind, limit: event.limit })
      }
    }
  }
}

const nothing = { one: null, other: null, observation: null, kind: null, limit: null }
