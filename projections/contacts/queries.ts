import type Database from 'better-sqlite3'
import type { ContactId } from '../../src/domain/event.ts'
import type { Identifier } from '../../src/domain/identifier.ts'
import type { ContactRow, Identity } from '../../src/views.ts'
import { forest } from './forest.ts'

type Member = {
  readonly id: ContactId
  readonly email: string | null
  readonly phoneNumber: string | null
}

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
    .pluck(),
  /** The contacts of an identity that never merged. */
  single: db.prepare<[number], Member>(/* sql */ `
    SELECT minted.id, email.value AS email, phone.value AS phoneNumber
    FROM minted
    LEFT JOIN identifiers AS email ON email.number = minted.email
    LEFT JOIN identifiers AS phone ON phone.number = minted.phone_number
    WHERE minted.identity = ?
    ORDER BY minted.id`),
  /** The contacts of everything below a root of the forest. */
  merged: db.prepare<[number], Member>(/* sql */ `
    WITH RECURSIVE below (identity) AS (
      VALUES (?)
      UNION ALL
      SELECT merge_forest.identity
      FROM below
      JOIN merge_forest ON merge_forest.parent = below.identity
    )
    SELECT minted.id, email.value AS email, phone.value AS phoneNumber
    FROM below
    JOIN minted ON minted.identity = below.identity
    LEFT JOIN identifiers AS email ON email.number = minted.email
    LEFT JOIN identifiers AS phone ON phone.number = minted.phone_number
    ORDER BY minted.id`)
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

  const identity = (of: number | undefined): Identity | null => {
    if (of === undefined) return null
    const root = trees.rootOf(of)
    return answer(root.rank === 0 ? sql.single.all(of) : sql.merged.all(root.identity))
  }

  return {
    contact: (id) => sql.contact.get(id) ?? null,
    identityOfContact: (id) => identity(sql.identityOfContact.get(id)),
    identityOfValue: ({ kind, value }) => identity(sql.identityOfValue.get(value, kind))
  }
}

/** Contacts by age as the statement answers them: values without repetition, the primary first. */
function answer(members: readonly Member[]): Identity {
  const [emails, phoneNumbers] = [new Set<string>(), new Set<string>()]
  const ids: ContactId[] = []
  for (const { id, email, phoneNumber } of members) {
    ids.push(id)
    if (email !== null) emails.add(email)
    if (phoneNumber !== null) phoneNumbers.add(phoneNumber)
  }
  const [primaryContactId = 0, ...secondaryContactIds] = ids
  return {
    primaryContactId,
    emails: [...emails],
    phoneNumbers: [...phoneNumbers],
    secondaryContactIds
  }
}
