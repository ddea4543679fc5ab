import type Database from 'better-sqlite3'
import type { Position } from '../src/domain/event.ts'
import type { Graph, Values } from '../src/domain/graph.ts'
import { remembering } from '../src/domain/remembering.ts'
import type { ReadingView } from '../src/views.ts'
import { contactGroups } from './evidence/contact-groups.ts'
import { pairsIn } from './evidence/pairs-in.ts'

/** What an identity is made of, as arrays in JSON, and which part of its history is asked for. */
type Asked = {
  readonly contacts: string
  readonly pairs: string
  readonly component: string
  /** All that it carries: its component, and values that its observations and contacts show. */
  readonly carried: string
  readonly after: Position | 0
  readonly limit: number
}

const statements = (db: Database.Database) => ({
  observation: db
    .prepare<[Values & { readonly after: Position | 0 }], Position | null>(/* sql */ `
      SELECT min(position)
      FROM (
        SELECT coalesce(earliest, first) AS position
        FROM pairs
        WHERE email = :email AND phone_number = :phoneNumber AND coalesce(earliest, first) > :after
        UNION ALL
        SELECT min(position)
        FROM observations
        WHERE email = :email AND phone_number = :phoneNumber AND repeats = 1
          AND position > :after)`)
    .pluck(),
  mintings: db
    .prepare<[Asked], Position>(/* sql */ `
      SELECT minted.position
      FROM json_each(:contacts) AS own
      CROSS JOIN minted ON minted.id = own.value
      WHERE minted.position > :after
      ORDER BY minted.position
      LIMIT :limit`)
    .pluck(),
  retractions: db
    .prepare<[Asked], Position>(/* sql */ `
      SELECT decisions.position
      FROM json_each(:pairs) AS own
      CROSS JOIN observations AS seen
        ON seen.email = own.value ->> 0 AND seen.phone_number = own.value ->> 1
      CROSS JOIN decisions ON decisions.observation = seen.position
      WHERE seen.retracted IS NOT NULL AND decisions.position > :after
      UNION
      SELECT decisions.position
      FROM json_each(:contacts) AS own
      CROSS JOIN minted ON minted.id = own.value
      CROSS JOIN decisions ON decisions.observation = minted.position
      WHERE minted.retracted = 1 AND decisions.position > :after
      ORDER BY 1
      LIMIT :limit`)
    .pluck(),
  /** Merges and splits, and what caused them. */
  outcomes: db
    .prepare<[Asked], Position>(/* sql */ `
      WITH named (cause, position) AS (
        SELECT cause, position FROM json_each(:contacts) CROSS JOIN merges ON survivor = value
        UNION ALL
        SELECT cause, position FROM json_each(:contacts) CROSS JOIN merges ON absorbed = value
        UNION ALL
        SELECT cause, position FROM json_each(:contacts) CROSS JOIN splits ON identity = value
        UNION ALL
        SELECT cause, position FROM json_each(:contacts) CROSS JOIN splits ON contact = value
      )
      SELECT position FROM named WHERE position > :after
      UNION
      SELECT cause FROM named WHERE cause > :after
      ORDER BY 1
      LIMIT :limit`)
    .pluck(),
  decisions: db
    .prepare<[Asked], Position>(/* sql */ `
      SELECT position
      FROM json_each(:carried) AS own
      CROSS JOIN decisions ON one = own.value
      WHERE position > :after AND (
        other IS NULL
        OR own.value IN (SELECT value FROM json_each(:component))
        OR other IN (SELECT value FROM json_each(:carried)))
      UNION
      SELECT position
      FROM json_each(:component) AS own
      CROSS JOIN decisions ON other = own.value
      WHERE position > :after
      ORDER BY 1
      LIMIT :limit`)
    .pluck()
})

/**
 * What happened to the identity that holds a contact: the observations that stand in it, or would
 * were they not retracted, and those that minted its contacts; what retracted them; the merges and
 * splits that name its contacts, and what caused these; and decisions on the identifiers that it
 * carries, on the links of its component, and on links between what it carries. A page costs what
 * the identity and the page cost, however often its values were observed.
 */
export function historyQueries(db: Database.Database, graph: Graph): ReadingView['history'] {
  const sql = statements(db)
  const groupOf = contactGroups(db)

  return (contact, after, limit) => {
    const evidence = remembering(graph)
    const group = groupOf(evidence, contact)
    const pairs = pairsIn(evidence, group)
    const ends = pairs.map(({ email, phoneNumber }) => [email, phoneNumber])
    const values = group.contacts.flatMap(({ email, phoneNumber }) => [email, phoneNumber])
    const asked: Asked = {
      contacts: JSON.stringify(group.contacts.map(({ id }) => id)),
      pairs: JSON.stringify(ends),
      component: JSON.stringify(group.identifiers),
      carried: JSON.stringify([...new Set([...group.identifiers, ...ends.flat(), ...values])]),
      after,
      limit
    }
    const observations = merged(
      pairs.map(({ email, phoneNumber }) => {
        return (after) => sql.observation.get({ email, phoneNumber, after }) ?? undefined
      }),
      after,
      limit
    )
    const { mintings, retractions, outcomes, decisions } = sql
    const others = [mintings, retractions, outcomes, decisions].flatMap((one) => one.all(asked))
    return [...new Set([...observations, ...others])].sort((a, b) => a - b).slice(0, limit)
  }
}

/** Positions in ascending order, of which only the next one after some position is known. */
type Source = (after: Position | 0) => Position | undefined

/** The first positions after one that any of these sources has: one look-up for each, and for each source. */
function merged(sources: readonly Source[], after: Position | 0, limit: number): Position[] {
  const ahead = sources
    .flatMap((source) => {
      const position = source(after)
      return position === undefined ? [] : [{ position, source }]
    })
    .sort((a, b) => a.position - b.position)
    // As many sources as are wanted come before any other.
    .slice(0, limit)
  const found: Position[] = []
  for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
    found.push(next.position)
    if (found.length === limit) break
    const position = next.source(next.position)
    if (position === undefined) continue
    const place = ahead.findIndex((one) => one.position > position)
    ahead.splice(place === -1 ? ahead.length : place, 0, { position, source: next.source })
  }
  return found
}
