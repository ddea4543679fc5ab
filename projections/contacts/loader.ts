import type Database from 'better-sqlite3'
import type { ContactId, IdentifierNumber } from '../../src/domain/event.ts'
import { keepListing } from '../../src/domain/known-group.ts'
import { fitsBeside, type MemoryLimits } from '../../src/domain/letting-go.ts'
import { type Limits, type Neighbourhood, place, settle } from '../../src/domain/neighbourhood.ts'
import { sharingAtMost, sharingOf, widely } from '../evidence/sharing.ts'
import { jsonRows } from '../json-rows.ts'
import { fewest } from '../stats/sizes.ts'
import { type Forest, lone, type Node } from './forest.ts'
import { members } from './members.ts'

/** Where a value stands. */
type Row = [
  nth: number,
  number: IdentifierNumber,
  isEmail: 0 | 1,
  node: Node,
  plain: 0 | 1,
  contested: 0 | 1,
  /** As it was asked to be told. */
  sharing: number,
  /** Whether its node has a row in the forest. */
  merged: 0 | 1
]

const statements = (db: Database.Database) => ({
  find: jsonRows<[{ values: string; told: SharingTold }], Row>(
    db,
    /* sql */ `
      json_array(
        wanted.key, identifiers.number, identifiers.kind = 'email', identifiers.node,
        identifiers.plain, identifiers.contested,
        CASE :told WHEN 'exactly' THEN ${sharingOf} WHEN 'at most' THEN ${sharingAtMost} ELSE 0 END,
        merge_forest.node IS NOT NULL)`,
    /* sql */ `
      FROM json_each(:values) AS wanted
      CROSS JOIN identifiers ON identifiers.value = wanted.value
      LEFT JOIN merge_forest ON merge_forest.node = identifiers.node`
  ),
  /** The node of each primary of so many contacts and more, that of the largest identity first. */
  large: db.prepare<[number], { contacts: number; node: Node; merged: 0 | 1 }>(/* sql */ `
    SELECT sizes.contacts, minted.node, merge_forest.node IS NOT NULL AS merged
    FROM sizes
    JOIN minted ON minted.id = sizes.identity
    LEFT JOIN merge_forest ON merge_forest.node = minted.node
    WHERE sizes.contacts >= ? AND sizes.contacts > ${fewest}
    ORDER BY sizes.contacts DESC`)
})

/** Loads values and identities into a neighbourhood. */
export type Loader = {
  /** Adds those of these values that are known, with the identities that list them. */
  load(known: Neighbourhood, values: readonly string[]): void
  /** Adds the large identities that a neighbourhood of these limits keeps. */
  loadLarge(known: Neighbourhood, limits: MemoryLimits): void
}

/** A loader that has `remember` told at which node each value stands. */
export function loader(
  db: Database.Database,
  trees: Forest,
  remember: (number: IdentifierNumber, node: Node) => void
): Loader {
  const sql = statements(db)
  const identities = members(db)

  /** Settles those identities of these nodes that are lacking; tells the primary of each. */
  const settleAll = (known: Neighbourhood, nodes: ReadonlyMap<Node, boolean>) => {
    const primaries = new Map<Node, ContactId>()
    const lacking = new Map<Node, boolean>()
    const hiding = new Set<Node>()
    for (const [node, merged] of nodes) {
      const root = merged ? trees.rootOf(node) : lone(node)
      const primary = root.oldest ?? 0
      primaries.set(node, primary)
      if (known.groups.has(primary)) continue
      lacking.set(root.node, merged)
      if (root.hides === 1) hiding.add(root.node)
    }
    for (const [root, contacts] of identities.of(lacking)) {
      settle(known, contacts, hiding.has(root))
    }
    return primaries
  }

  return {
    loadLarge(known, limits) {
      const nodes = new Map<Node, boolean>()
      let size = 0
      for (const { contacts, node, merged } of sql.large.all(limits.kept)) {
        if (!fitsBeside(size, contacts, limits)) continue
        nodes.set(node, merged === 1)
        size += contacts
      }
      settleAll(known, nodes)
      for (const group of known.groups.values()) keepListing(group)
    },

    load(known, values) {
      if (values.length === 0) return
      const told = sharingTold(known.limits)
      const found = sql.find({ values: JSON.stringify(values), told })
      const nodes = new Map<Node, boolean>()
      for (const [, number, , node, plain, , , merged] of found) {
        remember(number, node)
        if (plain === 1) nodes.set(node, merged === 1)
      }
      const primaries = settleAll(known, nodes)
      for (const [nth, number, isEmail, node, plain, contested, sharing] of found) {
        const value = values[nth] as string
        if (plain === 0) {
          place(known, value, { number, group: null, room: 0, contested: false })
          continue
        }
        const group = known.groups.get(primaries.get(node) ?? 0) ?? null
        const room = known.limits[isEmail === 1 ? 'email' : 'phone'] - sharing
        place(known, value, { number, group, room, contested: contested === 1 })
      }
    }
  }
}

/** How it is told with how many others a value is shared. */
type SharingTold = 'not' | 'at most' | 'exactly'

/**
 * To count with how many others a value is shared takes a look at each: more than it is worth where a
 * limit is far away. Without a limit nobody asks.
 */
function sharingTold({ email, phone }: Limits): SharingTold {
  const lowest = Math.min(email, phone)
  if (lowest === Infinity) return 'not'
  return lowest < 2 * widely ? 'exactly' : 'at most'
}
