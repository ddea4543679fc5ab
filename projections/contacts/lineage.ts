import type Database from 'better-sqlite3'
import type { IdentifierNumber, Position } from '../../src/domain/event.ts'
import { forest, type Node } from './forest.ts'

type Origin = { readonly node: Node; readonly came: Position | 0 }

const statements = (db: Database.Database) => ({
  origin: db.prepare<[number], Origin>(/* sql */ `
    SELECT node, came
    FROM identifiers
    WHERE number = ?`),
  merge: db
    .prepare<[number, number], number>(/* sql */ `
      SELECT position
      FROM merges
      WHERE cause = ? AND position <= ?
      LIMIT 1`)
    .pluck()
})

/** What can be asked of the history of identities. */
export type LineageQueries = {
  /** Whether two identifiers stand in one tree. */
  together(a: IdentifierNumber, b: IdentifierNumber): boolean
  /**
   * The position since which two identifiers of one tree are joined: that of the latest link on the
   * chain that joined them first. Costs O(log n), whatever the size of the identity.
   */
  joinedSince(a: IdentifierNumber, b: IdentifierNumber): Position
  /** The merge that an event caused, up to a position; null when it caused none. */
  mergeBy(cause: Position, upTo: Position): Position | null
}

export function lineageQueries(db: Database.Database): LineageQueries {
  const sql = statements(db)
  const trees = forest(db)

  const origin = (identifier: IdentifierNumber): Origin => {
    const found = sql.origin.get(identifier)
    if (found === undefined) throw new Error(`identifier ${identifier} is not in the read model`)
    return found
  }

  const rootOf = (identifier: IdentifierNumber) => trees.rootOf(origin(identifier).node).node

  return {
    together: (a, b) => rootOf(a) === rootOf(b),

    joinedSince(a, b) {
      const [mine, other] = [origin(a), origin(b)]
      const edges = [...trees.path(mine.node, other.node)].map(({ position }) => position)
      return Math.max(mine.came, other.came, ...edges)
    },

    mergeBy: (cause, upTo) => sql.merge.get(cause, upTo) ?? null
  }
}
