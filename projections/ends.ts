import type Database from 'better-sqlite3'
import { LedgerError } from '../src/domain/errors.ts'
import type { ContactId, IdentifierNumber, Position } from '../src/domain/event.ts'
import {
  type Graph,
  type Home,
  homeOfContact,
  keyOf,
  liveLinks,
  otherEnd,
  type Values
} from '../src/domain/graph.ts'
import type { Identifier } from '../src/domain/identifier.ts'
import type { End } from '../src/views.ts'

/** Both ends of a question. */
export type Ends = {
  /** Where they stand: an identifier where it is, a contact where its home is. */
  readonly homes: readonly [Home, Home]
  /** The identifiers between which a chain is sought. */
  readonly between: readonly [Identifier, Identifier]
}

const statements = (db: Database.Database) => ({
  minted: db.prepare<[number], Values & { readonly position: Position }>(/* sql */ `
    SELECT email, phone_number AS phoneNumber, position
    FROM minted
    WHERE id = ?`),
  number: db
    .prepare<[string, string], number>(/* sql */ `
      SELECT number
      FROM identifiers
      WHERE value = ? AND kind = ?`)
    .pluck(),
  observedBy: db
    .prepare<[{ of: number; at: Position | 0 }], number>(/* sql */ `
      SELECT EXISTS (
        SELECT 1
        FROM pairs
        WHERE (email = :of OR phone_number = :of) AND coalesce(earliest, first) <= :at)`)
    .pluck()
})

/** Finds the ends of a question in the evidence. Throws `not_found` when one is not known. */
export function endQueries(db: Database.Database) {
  const sql = statements(db)

  const homeOf = (contact: ContactId, graph: Graph, at = Number.POSITIVE_INFINITY) => {
    const minted = sql.minted.get(contact)
    if (minted === undefined || minted.position > at) return undefined
    const own = graph.pair(minted).contacts.find(({ id }) => id === contact)
    return own && homeOfContact(graph, minted, own)
  }

  const numberOf = ({ kind, value }: Pick<Identifier, 'kind' | 'value'>, at?: Position) => {
    const number = sql.number.get(value, kind)
    if (number === undefined || at === undefined) return number
    return sql.observedBy.get({ of: number, at }) === 1 ? number : undefined
  }

  const resolve = (end: End, path: string, graph: Graph, at: Position | undefined): Home => {
    const home = 'contact' in end ? homeOf(end.contact, graph, at) : numberOf(end, at)
    if (home !== undefined) return home
    const name = 'contact' in end ? `contact:${end.contact}` : `that ${end.kind}`
    throw new LedgerError('not_found', `Nothing is known about ${name}.`, [
      { path, message: 'is not known' }
    ])
  }

  /** A value of a contact beside its home, if there is one that belongs to the same identity. */
  const aside = (end: End, home: Home, graph: Graph): IdentifierNumber => {
    const minted = 'contact' in end ? sql.minted.get(end.contact) : undefined
    if (typeof home === 'object') return home.phoneNumber || home.email
    const other = minted === undefined ? 0 : otherEnd(minted, home)
    return liveLinks(graph, home).some(({ to }) => to === other) ? other : home
  }

  return (from: End, to: End, graph: Graph, at: Position | undefined): Ends => {
    const homes = [resolve(from, '/from', graph, at), resolve(to, '/to', graph, at)] as const
    const [a, b] = homes.map(anchorOf) as [IdentifierNumber, IdentifierNumber]
    // Contacts that have one value in common are told by their others, so that a chain shows it.
    const shared = a === b && 'contact' in from && 'contact' in to && from.contact !== to.contact
    const numbers = shared ? [aside(from, homes[0], graph), aside(to, homes[1], graph)] : [a, b]
    const between = numbers.map((number) => identifierIn(graph, number))
    return { homes, between: between as [Identifier, Identifier] }
  }
}

/** An identifier by its number. */
export function identifierIn(graph: Graph, number: IdentifierNumber): Identifier {
  const state = graph.state(number)
  if (state === null) throw new Error(`identifier ${number} is not in the read model`)
  return { number, kind: state.kind, value: state.value }
}

/** Whether two homes are the same. */
export function sameHome([one, other]: Ends['homes']): boolean {
  return keyOf(one) === keyOf(other)
}

/** An identifier to tell a home by. */
function anchorOf(home: Home): IdentifierNumber {
  return typeof home === 'number' ? home : home.email || home.phoneNumber
}
