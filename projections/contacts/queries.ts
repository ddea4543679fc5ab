import type Database from 'better-sqlite3'
import { answerOf, answerOfGroup, type Identity } from '../../src/domain/answer.ts'
import type { Observation } from '../../src/domain/decide.ts'
import type { ContactId, IdentifierNumber } from '../../src/domain/event.ts'
import type { Graph } from '../../src/domain/graph.ts'
import type { Kind } from '../../src/domain/identifier.ts'
import { groupOfValues } from '../../src/domain/standing.ts'
import type { ContactRow, ContactWithIdentity } from '../../src/views.ts'
import { forest, type Node } from './forest.ts'
import { lookUp } from './lookup.ts'
import { members } from './members.ts'

type Place = { readonly number: IdentifierNumber; readonly node: Node; readonly plain: 0 | 1 }

const statements = (db: Database.Database) => ({
  contact: db.prepare<[number], ContactRow>(/* sql */ `
    SELECT *
    FROM contacts
    WHERE id = ?`),
  nodeOfContact: db.prepare<[number], Node>('SELECT node FROM minted WHERE id = ?').pluck(),
  place: db.prepare<[string, string], Place>(/* sql */ `
    SELECT number, node, plain
    FROM identifiers
    WHERE value = ? AND kind = ?`)
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

  return {
    contact(id) {
      const [contact, node] = [sql.contact.get(id), sql.nodeOfContact.get(id)]
      if (contact === undefined || node === undefined) return null
      return { contact, identity: identity(node) }
    },

    identityOf({ email, phoneNumber }) {
      const place = (kind: Kind, value: string | null) =>
        value === null ? undefined : sql.place.get(value, kind)
      const [byEmail, byPhone] = [place('email', email), place('phone', phoneNumber)]
      const known = { email: byEmail?.number ?? 0, phoneNumber: byPhone?.number ?? 0 }
      return lookUp(graph, known, (values) => {
        const [place, other] = [values.email && byEmail, values.phoneNumber && byPhone]
        const alone = place && other ? null : place || other
        return alone && alone.plain === 1
          ? identity(alone.node)
          : answerOfGroup(graph, groupOfValues(graph, values))
      })
    }
  }
}
