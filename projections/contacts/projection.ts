import type Database from 'better-sqlite3'
import type { Known } from '../../src/domain/decide.ts'
import type {
  ContactId,
  ContactObserved,
  ContactsMerged,
  IdentifierNumber,
  Recorded
} from '../../src/domain/event.ts'
import type { Kind } from '../../src/domain/identifier.ts'
import type { Hears, Projection } from '../projection.ts'
import { forest } from './forest.ts'
import { schema } from './schema.ts'

/** The contacts projection at work: the fold, and what the writer must know to decide. */
export type Contacts = Hears & {
  /** An identifier by its value, with the primary that lists it; null when unknown. */
  find(kind: Kind, value: string): Known | null
  /** The last contact and the last identifier that were numbered; 0 when none. */
  lastNumbered(): { readonly contact: ContactId | 0; readonly identifier: IdentifierNumber | 0 }
}

const statements = (db: Database.Database) => ({
  find: db.prepare<[string, Kind], { number: number; identity: number }>(/* sql */ `
    SELECT identifiers.number, minted.identity
    FROM identifiers
    JOIN minted ON minted.id = identifiers.introduced_by
    WHERE identifiers.value = ? AND identifiers.kind = ?`),
  identityOf: db
    .prepare<[number], number>(/* sql */ `
      SELECT minted.identity
      FROM identifiers
      JOIN minted ON minted.id = identifiers.introduced_by
      WHERE identifiers.number = ?`)
    .pluck(),
  mint: db.prepare<[number, number | null, number | null, number, number, number], void>(/* sql */ `
    INSERT INTO minted (id, email, phone_number, identity, position, created_at)
    VALUES (?, ?, ?, ?, ?, ?)`),
  introduce: db.prepare<[number, string, string, number], void>(/* sql */ `
    INSERT INTO identifiers (number, kind, value, introduced_by)
    VALUES (?, ?, ?, ?)`),
  absorb: db.prepare<[number, number, number, number, number], void>(/* sql */ `
    INSERT INTO merges (cause, absorbed, survivor, position, recorded_at)
    VALUES (?, ?, ?, ?, ?)`),
  lastContact: db
    .prepare<[], number>(/* sql */ `
      SELECT coalesce(max(id), 0)
      FROM minted`)
    .pluck(),
  lastIdentifier: db
    .prepare<[], number>(/* sql */ `
      SELECT coalesce(max(number), 0)
      FROM identifiers`)
    .pluck()
})

/** Contacts, identities and lineage. */
export const contacts: Projection<Contacts> = {
  name: 'contacts',
  version: 1,
  schema,

  open(db) {
    const sql = statements(db)
    const trees = forest(db)

    const observe = ({ position, identifiers }: Recorded, event: ContactObserved) => {
      const seen = identifiers.map((named) => ({
        named,
        identity: sql.identityOf.get(named.number)
      }))
      const [known, other] = seen.map(({ identity }) => identity).filter((of) => of !== undefined)
      if (known !== undefined && other !== undefined && known !== other) {
        const [a, b] = [trees.rootOf(known), trees.rootOf(other)]
        if (a.identity !== b.identity) trees.join(a, b, position, event.observedAt)
      }
      if (event.contact === null) return
      const { contact, email, phoneNumber, observedAt } = event
      sql.mint.run(contact, email, phoneNumber, known ?? contact, position, observedAt)
      for (const { named, identity } of seen) {
        if (identity !== undefined) continue
        sql.introduce.run(named.number, named.kind, named.value, contact)
      }
    }

    const merge = ({ position, recordedAt }: Recorded, event: ContactsMerged) => {
      for (const absorbed of event.absorbed) {
        sql.absorb.run(event.cause, absorbed, event.survivor, position, recordedAt)
      }
    }

    return {
      hear(recorded) {
        const { event } = recorded
        switch (event.type) {
          case 'ContactObserved':
            return observe(recorded, event)
          case 'ContactsMerged':
            return merge(recorded, event)
        }
      },

      find(kind, value) {
        const found = sql.find.get(value, kind)
        if (found === undefined) return null
        return { number: found.number, primary: trees.rootOf(found.identity).oldest }
      },

      lastNumbered() {
        return { contact: sql.lastContact.get() ?? 0, identifier: sql.lastIdentifier.get() ?? 0 }
      }
    }
  }
}
