import type Database from 'better-sqlite3'
import { answerOf, answerOfGroup, type Identity } from '../../src/domain/answer.ts'
import type { Observation } from '../../src/domain/decide.ts'
import type { ContactId, IdentifierNumber } from '../../src/domain/event.ts'
import { type Graph, homeOf, type Values } from '../../src/domain/graph.ts'
import type { Kind } from '../../src/domain/identifier.ts'
import { groupOfValues } from '../../src/domain/standing.ts'
import type { ContactRow, ContactWithIdentity } from '../../src/views.ts'
import { forest, hasRow, type Node } from './forest.ts'
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
  /** An identifier by its value; whether it is plain, and whether its node has a row in the forest. */
  identifier: db
    .prepare<[string, string], Found>(/* sql */ `
      SELECT number, node, plain, EXISTS (SELECT 1 FROM merge_forest WHERE merge_forest.node = identifiers.node)
      FROM identifiers
      WHERE value = ? AND kind = ?`)
    .raw()
})

type Found = [number: IdentifierNumber, node: Node, plain: 0 | 1, merged: 0 | 1]

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
    const contacts = hasRow(root) ? identities.below(root.node) : identities.at(root.node)
    return contacts.length === 0 ? null : answerOf(contacts)
  }

  /** The identity that lists a plain value: no decision has a say in where it stands. */
  const plainly = ([, node, plain, merged]: Found): Identity | null | undefined => {
    if (plain === 0) return undefined
    return merged === 1 ? identity(node) : answerOf(identities.at(node))
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
      const find = (kind: Kind, value: string | null) =>
        value === null ? undefined : sql.identifier.get(value, kind)
      const [one, other] = [find('email', email), find('phone', phoneNumber)]
      const alone = other === undefined ? one : one === undefined ? other : undefined
      return (
        (alone && plainly(alone)) ??
        lookUp(graph, { email: one?.[0] ?? 0, phoneNumber: other?.[0] ?? 0 }, standing)
      )
    }
  }
}
