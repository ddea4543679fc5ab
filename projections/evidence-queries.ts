import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../src/domain/event.ts'
import type { Evidence, Way } from '../src/domain/explain.ts'
import type { Identifier } from '../src/domain/identifier.ts'

type Row = [to: number, count: number, first: number, firstAt: number, latest: number, at: number]

const statements = (db: Database.Database) => ({
  email: db
    .prepare<[number], Row>(/* sql */ `
      SELECT phone_number, count, first, first_at, latest, latest_at
      FROM links
      WHERE email = ?`)
    .raw(),
  phone: db
    .prepare<[number], Row>(/* sql */ `
      SELECT email, count, first, first_at, latest, latest_at
      FROM links
      WHERE phone_number = ?`)
    .raw()
})

/** A walk along the links, which remembers what it read. */
export type Walk = {
  waysFrom(identifier: IdentifierNumber): Way[]
  /** The evidence for a link that was walked past. */
  between(a: IdentifierNumber, b: IdentifierNumber): Evidence
}

/** Walks start at given identifiers: links join an email and a phone, so each step tells the kind. */
export function evidenceQueries(db: Database.Database) {
  const sql = statements(db)
  return {
    walk(...starts: readonly Identifier[]): Walk {
      const kinds = new Map(starts.map(({ number, kind }) => [number, kind]))
      const read = new Map<IdentifierNumber, Row[]>()
      return {
        waysFrom(from) {
          const kind = kinds.get(from) ?? 'email'
          const rows = sql[kind].all(from)
          read.set(from, rows)
          return rows.map(([to, , first]) => {
            kinds.set(to, kind === 'email' ? 'phone' : 'email')
            return { to, first }
          })
        },

        between(a, b) {
          const row = find(read.get(a), b) ?? find(read.get(b), a)
          if (row === undefined) throw new Error(`the link between ${a} and ${b} was not read`)
          const [, count, first, firstAt, latest, latestAt] = row
          return {
            count,
            first: { position: first, time: firstAt },
            latest: { position: latest, time: latestAt }
          }
        }
      }
    }
  }
}

function find(rows: readonly Row[] | undefined, to: IdentifierNumber): Row | undefined {
  return rows?.find((row) => row[0] === to)
}
