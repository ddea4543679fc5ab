import type Database from 'better-sqlite3'
import { rememberKey } from '../src/domain/neighbourhood.ts'
import type { WritingView } from '../src/views.ts'
import type { Projector } from './projector.ts'

/** The read model in the hands of its one writer: what is not kept yet is an open transaction. */
export function writingView(db: Database.Database, models: Projector): WritingView {
  const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map((statement) =>
    db.prepare(statement)
  ) as [Database.Statement, Database.Statement, Database.Statement]

  return {
    latest() {
      return { position: models.position(), ...models.contacts.lastNumbered() }
    },

    load(known, asked) {
      const values = asked.flatMap(({ email, phoneNumber }) =>
        [email ?? [], phoneNumber ?? []].flat()
      )
      models.contacts.load(
        known,
        values.filter((value) => !known.places.has(value))
      )
      for (const { idempotencyKey: key } of asked) {
        if (key === null || known.keys.has(key)) continue
        const seen = models.idempotency.under(key)
        if (seen !== null) rememberKey(known, key, seen)
      }
    },

    record(event) {
      if (!db.inTransaction) begin.run()
      models.hear(event)
    },

    keep() {
      if (!db.inTransaction) return
      models.keepPlace()
      commit.run()
    },

    drop() {
      if (db.inTransaction) rollback.run()
      models.forget()
    }
  }
}
