import type Database from 'better-sqlite3'
import type { ContactId, IdentifierNumber, Position, Timestamp } from '../../src/domain/event.ts'
import type { Group } from '../../src/domain/groups.ts'
import { jsonRows } from '../json-rows.ts'
import type { Node, Tree } from './forest.ts'

/** A contact's row, as far as a reshaping may change it. */
export type ContactOnRecord = {
  readonly id: ContactId
  readonly node: Node
  readonly createdAt: Timestamp
  readonly settled: Position
  readonly updatedAt: Timestamp
  readonly withdrawnAt: Timestamp | null
  /** Which of its values its identity does not list, by their bits. */
  readonly hidden: number
}

/** An identifier's row, as far as a reshaping may change it. */
export type Place = {
  readonly number: IdentifierNumber
  readonly node: Node
  readonly plain: 0 | 1
}

/** What is on record of groups: their contacts, their identifiers, and the trees that these stand in. */
export type OnRecord = {
  readonly contacts: ReadonlyMap<ContactId, ContactOnRecord>
  readonly places: ReadonlyMap<IdentifierNumber, Place>
  readonly trees: ReadonlyMap<Node, Tree>
}

const statements = (db: Database.Database) => ({
  contacts: jsonRows<[string], ContactOnRecord>(
    db,
    /* sql */ `json_object(
      'id', minted.id, 'node', node, 'createdAt', created_at, 'settled', settled,
      'updatedAt', updated_at, 'withdrawnAt', withdrawn_at, 'hidden', hidden)`,
    /* sql */ `
      FROM json_each(?) AS asked
      CROSS JOIN minted ON minted.id = asked.value`
  ),
  places: jsonRows<[string], Place>(
    db,
    `json_object('number', number, 'node', node, 'plain', plain)`,
    /* sql */ `
      FROM json_each(?) AS asked
      CROSS JOIN identifiers ON number = asked.value`
  ),
  trees: jsonRows<[string], Tree>(
    db,
    /* sql */ `json_object(
      'node', node, 'parent', parent, 'joined', joined, 'joinedAt', joined_at, 'rank', rank,
      'oldest', oldest, 'hides', hides)`,
    /* sql */ `
      FROM (
        WITH RECURSIVE up (node) AS (
          SELECT value
          FROM json_each(?)
          UNION
          SELECT parent
          FROM up
          CROSS JOIN merge_forest USING (node)
          WHERE parent IS NOT NULL
        )
        SELECT merge_forest.*
        FROM up
        CROSS JOIN merge_forest USING (node)
      )`
  )
})

/** Prepares to read all that is on record of groups, in three statements however large they are. */
export function recordsIn(db: Database.Database): (groups: readonly Group[]) => OnRecord {
  const sql = statements(db)
  return (groups) => {
    const ids = groups.flatMap(({ contacts }) => contacts.map(({ id }) => id))
    const numbers = groups.flatMap(({ identifiers }) => identifiers)
    const contacts = sql.contacts(JSON.stringify(ids))
    const places = sql.places(JSON.stringify(numbers))
    const nodes = new Set([...contacts, ...places].map(({ node }) => node))
    const trees = sql.trees(JSON.stringify([...nodes]))
    return {
      contacts: new Map(contacts.map((contact) => [contact.id, contact])),
      places: new Map(places.map((place) => [place.number, place])),
      trees: new Map(trees.map((tree) => [tree.node, tree]))
    }
  }
}
