import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../../src/domain/event.ts'
import type { Kind } from '../../src/domain/identifier.ts'
import { type Neighbourhood, place, settle } from '../../src/domain/neighbourhood.ts'
import { type Forest, lone, type Node } from './forest.ts'
import { members } from './members.ts'

type Found = {
  readonly value: string
  readonly number: IdentifierNumber
  readonly kind: Kind
  readonly node: Node
  readonly plain: 0 | 1
  readonly contested: 0 | 1
  readonly sharing: number
  /** Whether its node has a row in the forest. */
  readonly merged: 0 | 1
}

const statements = (db: Database.Database) => ({
  find: db.prepare<[string], Found>(/* sql */ `
    SELECT
      identifiers.value, identifiers.number, identifiers.kind, identifiers.node,
      identifiers.plain, identifiers.contested, identifiers.sharing, merge_forest.node IS NOT NULL AS merged
    FROM json_each(?) AS wanted
    CROSS JOIN identifiers ON identifiers.value = wanted.value
    LEFT JOIN merge_forest ON merge_forest.node = identifiers.node`)
})

/** Loads values and the identities that list them into a neighbourhood. */
export function loader(db: Database.Database, trees: Forest) {
  const sql = statements(db)
  const identities = members(db)
  return {
    /** Adds those of these values that are known; tells their nodes. */
    load(known: Neighbourhood, values: readonly string[]): readonly Found[] {
      if (values.length === 0) return []
      const found = sql.find.all(JSON.stringify(values))
      const plain = found.flatMap((one) => {
        if (one.plain === 0) return []
        const tree = one.merged ? trees.rootOf(one.node) : null
        const { node: root, oldest, hides } = tree ?? lone(one.node)
        return [{ ...one, root, primary: oldest ?? 0, hides: hides === 1 }]
      })
      const missing = plain.filter(({ primary }) => !known.groups.has(primary))
      const roots = new Map(missing.map(({ root, merged }) => [root, merged === 1]))
      const hiding = new Set(missing.flatMap(({ root, hides }) => (hides ? [root] : [])))
      for (const [root, contacts] of identities.of(roots)) {
        settle(known, contacts, hiding.has(root))
      }
      for (const { value, number, kind, sharing, contested, primary } of plain) {
        const group = known.groups.get(primary) ?? null
        const room = known.limits[kind] - sharing
        place(known, value, { number, group, room, contested: contested === 1 })
      }
      for (const { value, number, plain } of found) {
        if (plain === 0) place(known, value, { number, group: null, room: 0, contested: false })
      }
      return found
    }
  }
}
