import type Database from 'better-sqlite3'
import type { Kind } from '../src/domain/identifier.ts'
import { rememberKey } from '../src/domain/neighbourhood.ts'
import type { WritingView } from '../src/views.ts'
import { contactQueries } from './contacts/queries.ts'
import { sizeOfPages } from './database.ts'
import { largeQuestions } from './large-questions.ts'
import type { Projector } from './projector.ts'

/** From how much on the next commit brings in what waits beside the file, in bytes. */
const much = 64 * 1_024 * 1_024

/** The read model in the hands of its one writer: what is not committed yet is an open transaction. */
export function writingView(db: Database.Database, models: Projector): WritingView {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const beginReading = db.prepare('BEGIN')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')

  const condemned = db.prepare(`UPDATE checkpoint SET made_by = ''`)

  const present = contactQueries(db, models.contacts.evidence)

  const sizeOfPage = sizeOfPages(db)
  let backlog = 0
  let leftMuch = false

  /** Asks how much the write-ahead log holds, unless all of that is in the file. */
  const lookBeside = () => {
    const [found] = db.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[]
    backlog = found && found.log > found.checkpointed ? found.log * sizeOfPage : 0
  }

  const attempt = (step: () => unknown) => {
    try {
      step()
    } catch {}
  }

  function drop() {
    // A disk that refuses this leaves the file as it was last committed.
    attempt(() => db.inTransaction && rollback.run())
    attempt(() => models.forget())
  }

  return {
    latest() {
      return { position: models.position(), ...models.contacts.lastNumbered() }
    },

    load(known, asked) {
      const lacking = new Set<string>()
      for (const value of asked.flatMap(({ email, phoneNumber }) => [email, phoneNumber])) {
        if (value !== null && !known.places.has(value)) lacking.add(value)
      }
      models.contacts.load(known, [...lacking])
      for (const value of lacking) known.stale.delete(value)
      for (const { idempotencyKey: key } of asked) {
        if (key === null || known.keys.has(key)) continue
        const seen = models.idempotency.under(key)
        if (seen !== null) rememberKey(known, key, seen)
      }
    },

    loadLarge: models.contacts.loadLarge,
    limits: models.contacts.limits,
    evidence: models.contacts.evidence,
    identifier: models.contacts.identifier,

    standing({ email, phoneNumber }) {
      const number = (kind: Kind, value: string | null) =>
        value === null ? 0 : (models.contacts.identifier({ kind, value })?.number ?? 0)
      const values = { email: number('email', email), phoneNumber: number('phone', phoneNumber) }
      return present.standing(values)
    },

    ...largeQuestions(db, models.contacts),
    anyLarge: models.contacts.sizes.anyLarge,

    settlement: models.contacts.settlement,
    unsettled: models.contacts.unsettled,
    settleMore: models.contacts.settleMore,

    record(event, workedOut) {
      if (!db.inTransaction) begin.run()
      models.hear(event, workedOut)
    },

    inOneRead(questions) {
      if (db.inTransaction) return questions()
      beginReading.run()
      try {
        questions()
      } finally {
        if (db.inTransaction) commit.run()
      }
    },

    commit() {
      if (db.inTransaction) {
        models.keepPlace()
        commit.run()
      }
      // What it can't bring in waits there; the commit stands.
      if (leftMuch) attempt(() => db.pragma('wal_checkpoint(PASSIVE)'))
      lookBeside()
      // What still waits is held by somebody who reads, and not asked for again at once.
      leftMuch = !leftMuch && backlog >= much
      return !leftMuch
    },

    backlog: () => backlog,

    checkpoint() {
      const patience = db.pragma('busy_timeout', { simple: true })
      // Who reads in another process may do so for minutes.
      db.pragma('busy_timeout = 0')
      attempt(() => db.pragma('wal_checkpoint(TRUNCATE)'))
      db.pragma(`busy_timeout = ${patience}`)
      attempt(lookBeside)
    },

    drop,

    condemn() {
      drop()
      attempt(() => condemned.run())
    }
  }
}
