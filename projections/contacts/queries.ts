import type Database from 'better-sqlite3'
import { answerOf, answerOfGroup, type Identity } from '../../src/domain/answer.ts'
import type { Observation } from '../../src/domain/decide.ts'
import type { ContactId } from '../../src/domain/event.ts'
import { type Graph, homeOf, type Values } from '../../src/domain/graph.ts'
import type { Kind } from '../../src/domain/identifier.ts'
import { groupOfValues } from '../../src/domain/standing.ts'
import type { ContactRow, ContactWithIdentity } from '../../src/views.ts'
import { forest, type Node } from './forest.ts'
import { lookUp } from './lookup.ts'
import { members } from './members.ts'

const statements = (db: Database.Database) => ({
  contact: db.prepare<[number], ContactRow>(/* sql */ `
    SELECT *
    FROM contacts
    WHERE id = ?`),
  nodeOfContact: db.prepare<[number], Node>('SELECT node FROM minted WHERE id = ?').pluck(),
  nodeOfIdentifier: db
    .prepare<[number], Node>('SELECT node FROM identifiers WHERE number = ?')
    .pluck(),
  number: db
    .prepare<[string, string], number>(/* sql */ `
      SELECT number
      FROM identifiers
      WHERE value = ? AND kind = ?`)
    .pluck()
})

/** What can be asked of the contacts read model. */
export type ContactQueries = {
  /** A contact and the identity that holds it, whoever absorbed it; null when there is none. */
  contact(id: ContactId): ContactWithIdentity | null
  /**
   * The identity that an observation of these values would stand in; null when there is none.
   * Throws `conflict` where it would join two.
   */
  identityOf(values: Pick<Observation, 'email' | 'phoneNumber'>): Identity | null
  /** The identity in which an observation of values by number stands; null when there is none. */
  standing(values: Values): Identity | null
}

export function contactQueries(db: Database.Database, graph: Graph): ContactQueries {
  const sql = statements(db)
  const trees = forest(db)
  const identities = members(db)

  const identity = (of: Node): Identity | null => {
    const root = trees.rootOf(of)
    const merged = root.rank > 0 || root.node < 0
    const contacts = identities.of(new Map([[root.node, merged]])).get(root.node) ?? []
    return contacts.length === 0 ? null : answerOf(contacts)
  }

  const standing = (values: Values): Identity | null => {
    const home = homeOf(graph, values)
    if (typeof home === 'number') return identity(sql.nodeOfIdentifier.get(home) as Node)
    return answerOfGroup(graph, groupOfValues(graph, values))
  }

  return {
    contact(id) {
      const [contact, node] = [sql.contact.get(id), sql.nodeOfContact.get(id)]
      if (contact === undefined || node === undefined) return null
      return { contact, identity: identity(node) }
    },

    standing,

    identityOf({ email, phoneNumber }) {
      const number = (kind: Kind, value: string | null) =>
        value === null ? 0 : (sql.number.get(value, kind) ?? 0)
      const known = { email: number('email', email), phoneNumber: number('phone', phoneNumber) }
      return lookUp(graph, known, standing)
    }
  }
}
