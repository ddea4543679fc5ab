import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../../src/domain/event.ts'
import type { Moment } from '../../src/domain/explain.ts'
import type { Joining } from '../../src/views.ts'
import { forest } from './forest.ts'

type Origin = { readonly identity: number } & Moment

const statements = (db: Database.Database) => ({
  /** Where an identifier came from: the contact that introduced it. */
  origin: db.prepare<[number], Origin>(/* sql */ `
    SELECT minted.identity, minted.position, minted.created_at AS time
    FROM identifiers
    JOIN minted ON minted.id = identifiers.introduced_by
    WHERE identifiers.number = ?`),
  merge: db.prepare<[number], Moment>(/* sql */ `
    SELECT position, recorded_at AS time
    FROM merges
    WHERE cause = ?
    LIMIT 1`)
})

/** What can be asked of the history of identities. */
export type LineageQueries = {
  /** Whether two identifiers belong to one identity. */
  together(a: IdentifierNumber, b: IdentifierNumber): boolean
  /** What first joined two identifiers of one identity; null for one and the same. */
  joining(a: IdentifierNumber, b: IdentifierNumber): Joining | null
}

export function lineageQueries(db: Database.Database): LineageQueries {
  const sql = statements(db)
  const trees = forest(db)

  const origin = (identifier: IdentifierNumber): Origin => {
    const found = sql.origin.get(identifier)
    if (found === undefined) throw new Error(`identifier ${identifier} is not in the read model`)
    return found
  }

  const rootOf = (identifier: IdentifierNumber) =>
    trees.rootOf(origin(identifier).identity).identity

  return {
    together: (a, b) => rootOf(a) === rootOf(b),

    joining(a, b) {
      if (a === b) return null
      const [mine, other] = [origin(a), origin(b)]
      const moments = [mine, other, ...trees.path(mine.identity, other.identity)]
      const { position, time } = moments.reduce((x, y) => (y.position > x.position ? y : x))
      const merge = sql.merge.get(position)
      return merge === undefined
        ? { type: 'ContactObserved', position, time, observation: position }
        : { type: 'ContactsMerged', ...merge, observation: position }
    }
  }
}
