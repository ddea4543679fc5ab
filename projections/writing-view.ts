import type Database from 'better-sqlite3'
import type { Observation } from '../src/domain/decide.ts'
import type { WritingView } from '../src/views.ts'
import { contactQueries } from './contacts/queries.ts'
import type { Projector } from './projector.ts'

/** The read model in the hands of its one writer, within a transaction from `begin` to `keep`. */
export function writingView(db: Database.Database, models: Projector): WritingView {
  const queries = contactQueries(db)
  const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map((statement) =>
    db.prepare(statement)
  ) as [Database.Statement, Database.Statement, Database.Statement]

  return {
    latest() {
      return { position: models.checkpoint().position, ...models.contacts.lastNumbered() }
    },

    begin: () => void begin.run(),

    know({ email, phoneNumber, idempotencyKey }) {
      return {
        email: email === null ? null : models.contacts.find('email', email),
        phoneNumber: phoneNumber === null ? null : models.contacts.find('phone', phoneNumber),
        sameKey: idempotencyKey === null ? null : models.idempotency.under(idempotencyKey)
      }
    },

    record: (event) => models.hear(event),

    answer({ email, phoneNumber }: Observation) {
      const value =
        email === null
          ? ({ kind: 'phone', value: phoneNumber ?? '' } as const)
          : ({ kind: 'email', value: email } as const)
      const identity = queries.identityOfValue(value)
      if (identity === null) throw new Error('an observation was recorded, but has no identity')
      return identity
    },

    keep() {
      models.keepPlace()
      commit.run()
    },

    drop() {
      if (db.inTransaction) rollback.run()
      models.forget()
    }
  }
}
