import type Database from 'better-sqlite3'
import { answerOfGroup } from '../src/domain/answer.ts'
import { earliestChain } from '../src/domain/causal-chain.ts'
import { linksAlong } from '../src/domain/chain.ts'
import {
  type ContactId,
  type IdentifierNumber,
  isoTime,
  type Position,
  type Timestamp
} from '../src/domain/event.ts'
import { type Graph, liveLinks, type Values } from '../src/domain/graph.ts'
import { type Group, oldestLive } from '../src/domain/groups.ts'
import type { Kind } from '../src/domain/identifier.ts'
import { remembering } from '../src/domain/remembering.ts'
import { groupOfContact, groupOfValues } from '../src/domain/standing.ts'
import type { ContactRow, ReadingView } from '../src/views.ts'
import { lookUp } from './contacts/lookup.ts'
import { graphsAt } from './evidence/graph-at.ts'

type Minted = Values & {
  readonly emailAddress: string | null
  readonly phone: string | null
  readonly position: Position
  readonly createdAt: Timestamp
}

/** What was so of a contact when it last came to be otherwise than its links tell, or was minted. */
type Settled = {
  readonly position: Position
  readonly updatedAt: Timestamp
  readonly withdrawnAt: Timestamp | null
}

const statements = (db: Database.Database) => ({
  minted: db.prepare<[number, number], Minted>(/* sql */ `
    SELECT
      minted.email, minted.phone_number AS phoneNumber, minted.position,
      minted.created_at AS createdAt, email.value AS emailAddress, phone.value AS phone
    FROM minted
    LEFT JOIN identifiers AS email ON email.number = minted.email
    LEFT JOIN identifiers AS phone ON phone.number = minted.phone_number
    WHERE minted.id = ? AND minted.position <= ?`),
  settled: db.prepare<[number, number], Settled>(/* sql */ `
    SELECT position, updated_at AS updatedAt, withdrawn_at AS withdrawnAt
    FROM settlements
    WHERE contact = ? AND position <= ?
    ORDER BY position DESC
    LIMIT 1`),
  timeOf: db
    .prepare<[number, number], Timestamp>(/* sql */ `
      SELECT recorded_at FROM observations WHERE position = ?
      UNION ALL
      SELECT decided_at FROM decisions WHERE position = ?`)
    .pluck(),
  /** An identifier that was observed by then, if only in observations retracted since. */
  number: db
    .prepare<[{ value: string; kind: Kind; at: number }], number>(/* sql */ `
      SELECT number
      FROM identifiers
      WHERE value = :value AND kind = :kind AND EXISTS (
        SELECT 1
        FROM pairs
        WHERE (email = number OR phone_number = number) AND coalesce(earliest, first) <= :at)`)
    .pluck()
})

/** What can be asked of the past: exactly what was answered when the log ended at a position. */
export type PastQueries = {
  contact(id: ContactId, at: Position | 0): ReturnType<ReadingView['contact']>
  identityOf(
    values: Parameters<ReadingView['identityOf']>[0],
    at: Position | 0
  ): ReturnType<ReadingView['identityOf']>
}

/**
 * Answers from the evidence as it was, so that a question costs what its identities cost then and
 * now. A position beyond the head is the head.
 */
export function pastQueries(db: Database.Database): PastQueries {
  const sql = statements(db)
  const graphAt = graphsAt(db)

  const rowOf = (id: ContactId, minted: Minted, graph: Graph, group: Group, at: number) => {
    const { createdAt, position } = minted
    const primary = oldestLive(group)?.id ?? null
    const linkedId = primary === id ? null : primary
    const settled = sql.settled.get(id, at) ?? { position, updatedAt: createdAt, withdrawnAt: null }
    const joined = linkedId === null ? 0 : joinedSince(graph, group, id, linkedId)
    const joinedAt = joined > settled.position ? sql.timeOf.get(joined, joined) : undefined
    return {
      id,
      phoneNumber: minted.phone,
      email: minted.emailAddress,
      linkedId,
      linkPrecedence: linkedId === null ? 'primary' : 'secondary',
      createdAt: isoTime(createdAt),
      updatedAt: isoTime(
        joinedAt === undefined ? settled.updatedAt : Math.max(createdAt, joinedAt)
      ),
      deletedAt: settled.withdrawnAt === null ? null : isoTime(settled.withdrawnAt)
    } satisfies ContactRow
  }

  return {
    contact(id, at) {
      const minted = sql.minted.get(id, at)
      if (minted === undefined) return null
      const graph = remembering(graphAt(at))
      const group = groupOfContact(graph, minted, id)
      if (group === null) throw new Error(`contact ${id} is not with its values`)
      return {
        contact: rowOf(id, minted, graph, group, at),
        identity: answerOfGroup(graph, group)
      }
    },

    identityOf({ email, phoneNumber }, at) {
      const graph = remembering(graphAt(at))
      const number = (kind: Kind, value: string | null) =>
        value === null ? 0 : (sql.number.get({ value, kind, at }) ?? 0)
      const known = { email: number('email', email), phoneNumber: number('phone', phoneNumber) }
      return lookUp(graph, known, (values) => answerOfGroup(graph, groupOfValues(graph, values)))
    }
  }
}

/**
 * The position since which two contacts of a group are joined: that of the latest link of the
 * earliest chain between their homes; 0 where these are the same.
 */
function joinedSince(graph: Graph, { contacts }: Group, a: ContactId, b: ContactId): Position | 0 {
  const [from, to] = [a, b].map((id) => contacts.find((one) => one.id === id)?.home)
  if (typeof from !== 'number' || typeof to !== 'number' || from === to) return 0
  const ways = (identifier: IdentifierNumber) => liveLinks(graph, identifier)
  const chain = earliestChain(ways, from, to) ?? []
  const since = ([at, next]: readonly [IdentifierNumber, IdentifierNumber]) =>
    ways(at).find(({ to }) => to === next)?.since ?? 0
  return linksAlong(chain).reduce((latest, link) => Math.max(latest, since(link)), 0)
}
