import type Database from 'better-sqlite3'
import { LedgerError } from '../src/domain/errors.ts'
import type { ContactId, IdentifierNumber } from '../src/domain/event.ts'
import { shortestChain } from '../src/domain/explain.ts'
import { type Identifier, nameOf } from '../src/domain/identifier.ts'
import type { End, ReadingView, Why } from '../src/views.ts'
import { lineageQueries } from './contacts/lineage.ts'
import { contactQueries } from './contacts/queries.ts'
import { evidenceQueries } from './evidence-queries.ts'

const statements = (db: Database.Database) => ({
  position: db.prepare<[], number>('SELECT position FROM checkpoint').pluck(),
  home: db
    .prepare<[number], number>(/* sql */ `
      SELECT coalesce(email, phone_number)
      FROM minted
      WHERE id = ?`)
    .pluck(),
  number: db
    .prepare<[string, string], number>(/* sql */ `
      SELECT number
      FROM identifiers
      WHERE value = ? AND kind = ?`)
    .pluck(),
  identifiers: db.prepare<[string], Identifier>(/* sql */ `
    SELECT identifiers.number, identifiers.kind, identifiers.value
    FROM json_each(?) AS wanted
    CROSS JOIN identifiers ON identifiers.number = wanted.value
    ORDER BY wanted.key`)
})

/** What is asked of the read model in a database. A question makes several reads: ask it in one turn
 * of the event loop on the writer's own connection, in one transaction on any other. */
export function readingView(db: Database.Database): ReadingView {
  const sql = statements(db)
  const contacts = contactQueries(db)
  const evidence = evidenceQueries(db)
  const lineage = lineageQueries(db)

  const identifiers = (numbers: readonly IdentifierNumber[]) =>
    sql.identifiers.all(JSON.stringify(numbers))

  const resolve = (end: End): Identifier => {
    const contact = 'contact' in end
    const number = contact ? sql.home.get(end.contact) : sql.number.get(end.value, end.kind)
    const [found] = number === undefined ? [] : identifiers([number])
    if (found !== undefined) return found
    const name = contact ? `contact:${end.contact}` : nameOf(end)
    throw new LedgerError('not_found', `Nothing is known of ${name}.`)
  }

  const why = (from: End, to: End): Why => {
    const between = [resolve(from), resolve(to)] as const
    const [a, b] = [between[0].number, between[1].number]
    if (!lineage.together(a, b)) return { connected: false, between, chain: [], joinedBy: null }
    const walk = evidence.walk(...between)
    const shortest = shortestChain(walk.waysFrom, a, b)
    if (shortest === null)
      throw new Error(`identifiers ${a} and ${b} are one, but no chain shows it`)
    const ends = identifiers(shortest)
    return {
      connected: true,
      between,
      chain: ends.slice(1).map((to, nth) => {
        const from = ends[nth] as Identifier
        return { from, to, evidence: walk.between(from.number, to.number) }
      }),
      joinedBy: lineage.joining(a, b)
    }
  }

  return {
    position: () => sql.position.get() ?? 0,
    contact(id: ContactId) {
      const [contact, identity] = [contacts.contact(id), contacts.identityOfContact(id)]
      return contact === null || identity === null ? null : { contact, identity }
    },
    identityOf: contacts.identityOfValue,
    why
  }
}
