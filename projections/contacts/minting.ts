import type Database from 'better-sqlite3'
import type {
  ContactId,
  ContactObserved,
  IdentifierNumber,
  Recorded
} from '../../src/domain/event.ts'
import { emailBit, phoneBit } from '../value-bits.ts'
import type { Node } from './forest.ts'

const statements = (db: Database.Database) => ({
  mint: db.prepare<[number, number, number, number, number, number, number, number, number], void>(
    /* sql */ `
    INSERT INTO minted (
      id, email, phone_number, introduced, node, position, created_at, settled, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
  ),
  introduce: db.prepare<[number, string, string, number, number], void>(/* sql */ `
    INSERT INTO identifiers (number, kind, value, node, came)
    VALUES (?, ?, ?, ?, ?)`),
  lastContact: db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM minted').pluck(),
  lastIdentifier: db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM identifiers').pluck()
})

/** Puts contacts and identifiers that are new on record. */
export type Minting = {
  /** The last contact and the last identifier that were numbered; 0 when none. */
  last(): { readonly contact: ContactId | 0; readonly identifier: IdentifierNumber | 0 }
  /** Those identifiers of an observation that were never observed before. */
  freshOf(recorded: Recorded<ContactObserved>): IdentifierNumber[]
  /** Puts those on record, and the contact that the observation mints, all of them at a node. */
  mint(recorded: Recorded<ContactObserved>, node: Node, fresh: readonly IdentifierNumber[]): void
  /** Forgets what was numbered in a transaction that was rolled back. */
  forget(): void
}

/** `remember` is told at which node each new identifier stands. */
export function minting(
  db: Database.Database,
  remember: (number: IdentifierNumber, node: Node) => void
): Minting {
  const sql = statements(db)
  const read = () => ({
    contact: sql.lastContact.get() ?? 0,
    identifier: sql.lastIdentifier.get() ?? 0
  })
  let last = read()

  return {
    last: () => last,
    freshOf: ({ identifiers }) =>
      identifiers.filter(({ number }) => number > last.identifier).map(({ number }) => number),

    mint(recorded, node, fresh) {
      const { event, position, identifiers } = recorded
      const { contact, introduces = fresh, observedAt: at } = event
      const [email, phone] = [event.email ?? 0, event.phoneNumber ?? 0]
      for (const { number, kind, value } of identifiers) {
        if (number <= last.identifier) continue
        sql.introduce.run(number, kind, value, node, position)
        last.identifier = number
        remember(number, node)
      }
      if (contact === null) return
      const brought =
        (introduces.includes(email) ? emailBit : 0) | (introduces.includes(phone) ? phoneBit : 0)
      sql.mint.run(contact, email, phone, brought, node, position, at, position, at)
      last.contact = contact
    },

    forget() {
      last = read()
    }
  }
}
