import type Database from 'better-sqlite3'
import type { ContactId } from '../src/domain/event.ts'
import { canLink, type Graph } from '../src/domain/graph.ts'
import { nameOf } from '../src/domain/identifier.ts'
import type { ReadingView } from '../src/views.ts'

/** How many contacts are told. */
const most = 100

const contactsWith = (column: 'email' | 'phone_number') => /* sql */ `
  SELECT minted.id
  FROM pairs
  CROSS JOIN minted
    ON minted.email = pairs.email AND minted.phone_number = pairs.phone_number
  WHERE pairs.${column} = ? AND minted.withdrawn_at IS NULL
  ORDER BY minted.id
  LIMIT ${most + 1}`

const statements = (db: Database.Database) => ({
  number: db
    .prepare<[string, string], number>(/* sql */ `
      SELECT number
      FROM identifiers
      WHERE value = ? AND kind = ?`)
    .pluck(),
  contacts: {
    email: db.prepare<[number], ContactId>(contactsWith('email')).pluck(),
    phone: db.prepare<[number], ContactId>(contactsWith('phone_number')).pluck()
  }
})

/** Who carries an identifier. Costs what the identifier was ever seen with. */
export function carrierQueries(db: Database.Database, graph: Graph): ReadingView['carriers'] {
  const sql = statements(db)
  return ({ kind, value }) => {
    const number = sql.number.get(value, kind)
    const state = number === undefined ? null : graph.state(number)
    if (state === null) return null
    const contacts = sql.contacts[kind].all(state.number)
    return {
      identifier: nameOf(state),
      links: canLink(graph, state.number),
      sharing: state.sharing,
      contacts: contacts.slice(0, most),
      more: contacts.length > most
    }
  }
}
