import type Database from 'better-sqlite3'
import { answerOf, type Identity } from '../../src/domain/answer.ts'
import type { ContactId } from '../../src/domain/event.ts'
import type { Identifier } from '../../src/domain/identifier.ts'
import type { ContactRow } from '../../src/views.ts'
import { forest } from './forest.ts'
import { members } from './members.ts'

const statements = (db: Database.Database) => ({
  contact: db.prepare<[number], ContactRow>(/* sql */ `
    SELECT *
    FROM contacts
    WHERE id = ?`),
  identityOfContact: db
    .prepare<[number], number>(/* sql */ `
      SELECT identity
      FROM minted
      WHERE id = ?`)
    .pluck(),
  identityOfValue: db
    .prepare<[string, string], number>(/* sql */ `
      SELECT minted.identity
      FROM identifiers
      JOIN minted ON minted.id = identifiers.introduced_by
      WHERE identifiers.value = ? AND identifiers.kind = ?`)
    .pluck()
})

/** What can be asked of the contacts read model. */
export type ContactQueries = {
  contact(id: ContactId): ContactRow | null
  /** The identity that holds a contact, whoever absorbed it; null when there is no such contact. */
  identityOfContact(id: ContactId): Identity | null
  identityOfValue(value: Pick<Identifier, 'kind' | 'value'>): Identity | null
}

export function contactQueries(db: Database.Database): ContactQueries {
  const sql = statements(db)
  const trees = forest(db)
  const identities = members(db)

  const identity = (of: ContactId): Identity => {
    const root = trees.rootOf(of)
    const found = identities.of(new Map([[root.identity, root.rank > 0]]))
    return answerOf(found.get(root.identity) ?? [])
  }

  return {
    contact: (id) => sql.contact.get(id) ?? null,
    identityOfContact(id) {
      const of = sql.identityOfContact.get(id)
      return of === undefined ? null : identity(of)
    },
    identityOfValue({ kind, value }) {
      const of = sql.identityOfValue.get(value, kind)
      return of === undefined ? null : identity(of)
    }
  }
}
