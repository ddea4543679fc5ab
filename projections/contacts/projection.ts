import type Database from 'better-sqlite3'
import type {
  ContactId,
  ContactObserved,
  ContactsMerged,
  IdentifierNumber,
  Recorded
} from '../../src/domain/event.ts'
import { type Group, type Neighbourhood, place, settle } from '../../src/domain/neighbourhood.ts'
import type { Hears, Projection } from '../projection.ts'
import { forest } from './forest.ts'
import { members } from './members.ts'
import { schema } from './schema.ts'

/** The contacts projection at work: the fold, and what the writer must know to decide. */
export type Contacts = Hears & {
  /** Adds to a neighbourhood those of these values that are known, with their identities. */
  load(known: Neighbourhood, values: readonly string[]): void
  /** The last contact and the last identifier that were numbered; 0 when none. */
  lastNumbered(): { readonly contact: ContactId | 0; readonly identifier: IdentifierNumber | 0 }
  /** Forgets what it remembers of a transaction that was rolled back. */
  forget(): void
}

/** How many identifiers are remembered with their identities. */
const recentLimit = 500_000

type Found = {
  readonly value: string
  readonly number: IdentifierNumber
  readonly identity: ContactId
  /** Whether its identity ever merged. */
  readonly merged: 0 | 1
}

const statements = (db: Database.Database) => ({
  find: db.prepare<[string], Found>(/* sql */ `
    SELECT
      identifiers.value, identifiers.number, minted.identity,
      merge_forest.identity IS NOT NULL AS merged
    FROM json_each(?) AS wanted
    CROSS JOIN identifiers ON identifiers.value = wanted.value
    JOIN minted ON minted.id = identifiers.introduced_by
    LEFT JOIN merge_forest ON merge_forest.identity = minted.identity`),
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
    const identities = members(db)
    const recent = new Map<IdentifierNumber, ContactId>()
    let lastContact = sql.lastContact.get() ?? 0
    let lastIdentifier = sql.lastIdentifier.get() ?? 0

    /** The identity that an identifier was introduced into; undefined for a new one. */
    const identityOf = (number: IdentifierNumber): ContactId | undefined => {
      if (number > lastIdentifier) return undefined
      const remembered = recent.get(number)
      if (remembered !== undefined) return remembered
      return remember(number, sql.identityOf.get(number) as ContactId)
    }

    const remember = (number: IdentifierNumber, identity: ContactId) => {
      if (recent.size >= recentLimit) recent.clear()
      recent.set(number, identity)
      return identity
    }

    const observe = ({ position, identifiers }: Recorded, event: ContactObserved) => {
      const [known, other] = identifiers
        .map(({ number }) => identityOf(number))
        .filter((identity) => identity !== undefined)
      if (known !== undefined && other !== undefined && known !== other) {
        const [a, b] = [trees.rootOf(known), trees.rootOf(other)]
        if (a.identity !== b.identity) trees.join(a, b, position, event.observedAt)
      }
      if (event.contact === null) return
      const { contact, email, phoneNumber, observedAt } = event
      const identity = known ?? contact
      sql.mint.run(contact, email, phoneNumber, identity, position, observedAt)
      lastContact = contact
      for (const { number, kind, value } of identifiers) {
        if (number <= lastIdentifier) continue
        sql.introduce.run(number, kind, value, contact)
        lastIdentifier = number
        remember(number, identity)
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
          default:
            return event satisfies never
        }
      },

      load(known, values) {
        if (values.length === 0) return
        const found = sql.find.all(JSON.stringify(values)).map((one) => {
          remember(one.number, one.identity)
          const tree = one.merged ? trees.rootOf(one.identity) : null
          return {
            ...one,
            root: tree?.identity ?? one.identity,
            primary: tree?.oldest ?? one.identity
          }
        })
        const missing = found.filter(({ primary }) => !known.groups.has(primary))
        const roots = new Map(missing.map(({ root, merged }) => [root, merged === 1]))
        for (const contacts of identities.of(roots).values()) settle(known, contacts)
        for (const { value, number, primary } of found) {
          place(known, value, { number, group: known.groups.get(primary) as Group })
        }
      },

      lastNumbered: () => ({ contact: lastContact, identifier: lastIdentifier }),

      forget() {
        recent.clear()
        lastContact = sql.lastContact.get() ?? 0
        lastIdentifier = sql.lastIdentifier.get() ?? 0
      }
    }
  }
}
