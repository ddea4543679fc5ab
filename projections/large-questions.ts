import type Database from 'better-sqlite3'
import type { AskedDecision } from '../src/decision.ts'
import type { Observation } from '../src/domain/decide.ts'
import type { ContactId, IdentifierNumber, Position } from '../src/domain/event.ts'
import type { Identifier } from '../src/domain/identifier.ts'
import type { End, Question, WritingView } from '../src/views.ts'
import { forest, type Node } from './contacts/forest.ts'
import type { Contacts } from './contacts/projection.ts'
import { large } from './stats/sizes.ts'

const statements = (db: Database.Database) => ({
  nodeOfContact: db.prepare<[number], Node>('SELECT node FROM minted WHERE id = ?').pluck(),
  identifier: db.prepare<[string, string], { readonly node: Node; readonly plain: 0 | 1 }>(
    'SELECT node, plain FROM identifiers WHERE value = ? AND kind = ?'
  ),
  anySplit: db.prepare<[], 0 | 1>('SELECT EXISTS (SELECT 1 FROM splits)').pluck(),
  place: db.prepare<[number], { readonly node: Node; readonly plain: 0 | 1 }>(
    'SELECT node, plain FROM identifiers WHERE number = ?'
  ),
  /** So many at most of the identifiers that an identifier was observed or is ruled to be with. */
  beside: db
    .prepare<[{ one: number; most: number }], number>(/* sql */ `
      SELECT phone_number FROM pairs WHERE email = :one
      UNION ALL
      SELECT email FROM pairs WHERE phone_number = :one
      UNION ALL
      SELECT other FROM rulings WHERE one = :one
      LIMIT :most`)
    .pluck()
})

/**
 * Tells of a question, by a look or two for each end, whether it may concern a large identity; in a
 * small ledger by none. Of the past, once anything came apart, of what a decision would make, and of a
 * request with a value that can't link it can't be told, so these count as large there. Of a decision that
 * is made more is asked: it takes longer elsewhere than here where it is small. A sharing limit has a say
 * everywhere, and is left to be decided here.
 */
export function largeQuestions(
  db: Database.Database,
  { sizes, lastNumbered, evidence, identifier }: Contacts
): Pick<WritingView, 'isLarge' | 'mayReshapeLarge'> {
  const sql = statements(db)
  const trees = forest(db)

  const mayHoldLarge = () => lastNumbered().contact > large
  const isLarge = (node: Node | undefined) =>
    node !== undefined && sizes.isLarge(trees.rootOf(node).oldest ?? 0)
  const contact = (id: ContactId) => sizes.anyLarge() && isLarge(sql.nodeOfContact.get(id))
  const value = ({ value, kind }: Value) =>
    sizes.anyLarge() && isLarge(sql.identifier.get(value, kind)?.node)
  const end = (one: End) => ('contact' in one ? contact(one.contact) : value(one))
  const past = (asOf: Position | 0 | undefined) => asOf !== undefined && sql.anySplit.get() === 1
  const supposed = ({ value, kind }: Value) => {
    const known = sql.identifier.get(value, kind)
    return known?.plain === 0 || (sizes.anyLarge() && isLarge(known?.node))
  }

  const concernsLarge = ({ name, asked }: Question): boolean => {
    switch (name) {
      case 'contact':
      case 'graph':
        return contact(asked[0]) || past(asked[1])
      case 'identityOf':
        return valuesIn(asked[0]).some(value) || past(asked[1])
      case 'why':
        return end(asked[0]) || end(asked[1]) || past(asked[2])
      case 'history':
        return contact(asked[0])
      case 'supposeObserved':
        return valuesIn(asked[0]).some(supposed)
      case 'supposeDecided':
        return true
    }
  }

  /** Whether an identifier stands in a large identity, or would if it could link. */
  const mayStandInLarge = (one: IdentifierNumber): boolean => {
    const place = sql.place.get(one)
    if (place === undefined) return false
    if (isLarge(place.node)) return true
    if (place.plain === 1) return false
    const others = sql.beside.all({ one, most: large + 1 })
    return others.length > large || others.some((other) => isLarge(sql.place.get(other)?.node))
  }

  const named = (asked: AskedDecision): readonly IdentifierNumber[] => {
    switch (asked.type) {
      case 'ObservationRetracted': {
        const values = evidence.observation(asked.observation)
        return values === null ? [] : [values.email, values.phoneNumber]
      }
      case 'IdentifierBlocked':
      case 'IdentifierUnblocked':
        return [identifier(asked.identifier)?.number ?? 0]
      case 'LinkForbidden':
      case 'LinkAllowed':
      case 'LinkAsserted':
      case 'AssertionWithdrawn':
        return asked.between.map((value) => identifier(value)?.number ?? 0)
      case 'SharingLimitSet':
        return []
    }
  }

  return {
    isLarge: (question) => mayHoldLarge() && concernsLarge(question),
    mayReshapeLarge: (asked) => mayHoldLarge() && named(asked).some(mayStandInLarge)
  }
}

type Value = Pick<Identifier, 'kind' | 'value'>

function valuesIn({ email, phoneNumber }: Pick<Observation, 'email' | 'phoneNumber'>): Value[] {
  return [
    ...(email === null ? [] : [{ kind: 'email' as const, value: email }]),
    ...(phoneNumber === null ? [] : [{ kind: 'phone' as const, value: phoneNumber }])
  ]
}
