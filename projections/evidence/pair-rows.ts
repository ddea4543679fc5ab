import type Database from 'better-sqlite3'
import type { ContactId, IdentifierNumber } from '../../src/domain/event.ts'
import type { Minted, Pair, Values } from '../../src/domain/graph.ts'
import { jsonRows } from '../json-rows.ts'
import { emailBit, phoneBit } from '../value-bits.ts'

/** A pair, once for each of its contacts. */
type PairRow = [
  email: number,
  phoneNumber: number,
  first: number,
  contact: ContactId | null,
  introduced: number | null,
  retracted: number | null
]

const columns = 'email, phone_number, first, contact, introduced, retracted'

/** Prepares a query for pairs whose columns bear these names, a row for each of their contacts. */
export function pairRows<Asked extends unknown[]>(db: Database.Database, query: string) {
  const rows = jsonRows<Asked, PairRow>(db, `json_array(${columns})`, `FROM (${query})`)
  return (...asked: Asked) => pairsFrom(rows(...asked))
}

/** The same for the pairs of many identifiers, each told by a column `one`. */
export function pairRowsOfMany<Asked extends unknown[]>(db: Database.Database, query: string) {
  const row = `json_array(one, json_array(${columns}))`
  const rows = jsonRows<Asked, [IdentifierNumber, PairRow]>(db, row, `FROM (${query})`)
  return (...asked: Asked): Map<IdentifierNumber, Pair[]> => {
    const groups = new Map<IdentifierNumber, PairRow[]>()
    for (const [one, row] of rows(...asked)) {
      const found = groups.get(one)
      if (found === undefined) groups.set(one, [row])
      else found.push(row)
    }
    return new Map([...groups].map(([one, rows]) => [one, pairsFrom(rows)]))
  }
}

/** A pair that was never observed. */
export function unseen({ email, phoneNumber }: Values): Pair {
  return { email, phoneNumber, first: 0, contacts: [] }
}

/** The values that a contact introduced, by the bits of its row. */
function introducedBy(bits: number, { email, phoneNumber }: Values): IdentifierNumber[] {
  return [...(bits & emailBit ? [email] : []), ...(bits & phoneBit ? [phoneNumber] : [])]
}

/** The pairs of rows, by their values. */
function pairsFrom(rows: PairRow[]): Pair[] {
  rows.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const found: (Pair & { contacts: Minted[] })[] = []
  for (const [email, phoneNumber, first, contact, introduced, retracted] of rows) {
    let pair = found.at(-1)
    if (pair?.email !== email || pair.phoneNumber !== phoneNumber) {
      pair = { email, phoneNumber, first, contacts: [] }
      found.push(pair)
    }
    if (contact === null || introduced === null) continue
    pair.contacts.push({
      id: contact,
      introduced: introducedBy(introduced, pair),
      retracted: retracted === 1
    })
  }
  return found
}
