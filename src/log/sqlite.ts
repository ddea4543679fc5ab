import type Database from 'better-sqlite3'
import { LedgerError } from '../domain/errors.ts'
import { identifiersOf, type Recorded } from '../domain/event.ts'
import type { Identifier } from '../domain/identifier.ts'
import { eventVersion, parseEvent } from '../domain/stored-event.ts'
import { type EventLog, mustContinue } from './event-log.ts'
import { type OpenMode, openFile, readable } from './sqlite-file.ts'
import { storedData } from './stored-data.ts'

type EventRow = {
  position: number
  recorded_at: number
  type: string
  version: number
  data: string
}

const statements = (db: Database.Database) => ({
  head: db
    .prepare<[], number>(/* sql */ `
      SELECT coalesce(max(position), 0)
      FROM events`)
    .pluck(),
  lastIdentifier: db
    .prepare<[], number>(/* sql */ `
      SELECT coalesce(max(number), 0)
      FROM identifiers`)
    .pluck(),
  append: db.prepare<[number, number, string, number, string], void>(/* sql */ `
    INSERT INTO events (position, recorded_at, type, version, data)
    VALUES (?, ?, ?, ?, ?)`),
  keep: db.prepare<[number, string, string], void>(/* sql */ `
    INSERT INTO identifiers (number, kind, value)
    VALUES (?, ?, ?)`),
  read: db.prepare<[number, number], EventRow>(/* sql */ `
    SELECT position, recorded_at, type, version, data
    FROM events
    WHERE position > ?
    ORDER BY position
    LIMIT ?`),
  identifiers: db.prepare<[string], Identifier>(/* sql */ `
    SELECT identifiers.number, identifiers.kind, identifiers.value
    FROM json_each(?) AS wanted
    CROSS JOIN identifiers ON identifiers.number = wanted.value`)
})

/**
 * The log in a SQLite file: WAL, and one fsync for each batch.
 * Throws `cannot_open` when the file is missing (mode `read`), foreign, newer, or not durable.
 */
export function sqliteLog(path: string, mode: OpenMode): EventLog {
  const { db, sql, id, last } = openFile(path, mode, (db) => {
    const sql = statements(db)
    const id = db.prepare<[], string>('SELECT id FROM ledger').pluck().get() ?? ''
    return { db, sql, id, last: sql.lastIdentifier.get() ?? 0 }
  })
  let lastIdentifier = last

  const append = db.transaction((batch: readonly Recorded[], expectedHead: number) => {
    mustContinue(batch, expectedHead, sql.head.get() ?? 0)
    let last = lastIdentifier
    for (const { position, recordedAt, event, identifiers } of batch) {
      for (const { number, kind, value } of identifiers) {
        if (number <= last) continue
        sql.keep.run(number, kind, value)
        last = number
      }
      sql.append.run(position, recordedAt, event.type, eventVersion, storedData(event))
    }
    return last
  })

  return {
    id,

    async append(batch, expectedHead) {
      lastIdentifier = append.immediate(batch, expectedHead)
    },

    async read(after, limit) {
      const events = readable(() => sql.read.all(after, limit)).map((row, nth) => {
        if (row.position !== after + 1 + nth) {
          throw new LedgerError(
            'corrupt_log',
            `The event at position ${after + 1 + nth} is missing.`
          )
        }
        const event = parseEvent(row.position, row.type, row.version, row.data)
        return { position: row.position, recordedAt: row.recorded_at, event }
      })
      const named = new Set(events.flatMap(({ event }) => identifiersOf(event)))
      const vault = new Map(
        readable(() => sql.identifiers.all(JSON.stringify([...named]))).map((found) => [
          found.number,
          found
        ])
      )
      return events.map(({ position, recordedAt, event }) => ({
        position,
        recordedAt,
        event,
        identifiers: identifiersOf(event).map((number) => {
          const identifier = vault.get(number)
          if (identifier !== undefined) return identifier
          throw new LedgerError(
            'corrupt_log',
            `The event at position ${position} names identifier ${number}, which the vault lacks.`
          )
        })
      }))
    },

    async head() {
      return readable(() => sql.head.get() ?? 0)
    },

    async close() {
      db.close()
    }
  }
}
