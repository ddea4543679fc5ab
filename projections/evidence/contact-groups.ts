import type Database from 'better-sqlite3'
import { LedgerError } from '../../src/domain/errors.ts'
import type { ContactId } from '../../src/domain/event.ts'
import type { Graph, Values } from '../../src/domain/graph.ts'
import type { Group } from '../../src/domain/groups.ts'
import { groupOfContact } from '../../src/domain/standing.ts'

const statements = (db: Database.Database) => ({
  values: db.prepare<[number], Values>(/* sql */ `
    SELECT email, phone_number AS phoneNumber
    FROM minted
    WHERE id = ?`)
})

/** Finds the group that a contact stands in. Throws `not_found` when there is no such contact. */
export function contactGroups(db: Database.Database): (graph: Graph, contact: ContactId) => Group {
  const sql = statements(db)
  return (graph, contact) => {
    const values = sql.values.get(contact)
    const group = values && groupOfContact(graph, values, contact)
    if (group) return group
    throw new LedgerError('not_found', `There is no contact ${contact}.`)
  }
}
