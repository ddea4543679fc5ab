import type Database from 'better-sqlite3'
import { changedGroups } from '../../src/domain/changed-groups.ts'
import type { ContactId, Position, Timestamp } from '../../src/domain/event.ts'
import { canLink, type Graph } from '../../src/domain/graph.ts'
import {
  type Group,
  hidesEmail,
  hidesPhoneNumber,
  listedBy,
  oldestLive,
  type Standing
} from '../../src/domain/groups.ts'
import { outcomesOf, type Reshaping } from '../../src/domain/reshape.ts'
import type { Settlement } from '../../src/settlement.ts'
import { jsonTexts } from '../json-rows.ts'
import { emailBit, phoneBit } from '../value-bits.ts'
import { type Node, sameTree, type Tree } from './forest.ts'
import { type Linkage, linkages, shownOf } from './linkage.ts'
import { type ContactOnRecord, type OnRecord, recordsIn } from './on-record.ts'
import { nodeOf, planted } from './planting.ts'

const statements = (db: Database.Database) => ({
  timesOf: db
    .prepare<[string], [position: Position, at: Timestamp]>(/* sql */ `
      SELECT asked.value, coalesce(observations.recorded_at, decisions.decided_at)
      FROM json_each(?) AS asked
      LEFT JOIN observations ON observations.position = asked.value
      LEFT JOIN decisions ON decisions.position = asked.value`)
    .raw()
})

/** Stands for the time of the event, until that is known: it is later than any other. */
const itsTime = Infinity

/**
 * Works out what the event at a position makes of the rows of the identities around it, those that it
 * mints being there already. Most of a large group is as it was after most events, so a row is there
 * only where it says otherwise than what holds now. Writes nothing.
 */
export function settling(
  db: Database.Database
): (reshaping: Reshaping, position: Position) => Settlement {
  const sql = statements(db)
  const recordsOf = recordsIn(db)

  /** The trees of groups, with the times of their edges. */
  const plantedWith = (
    groups: readonly Group[],
    graph: Graph,
    { trees }: OnRecord,
    position: Position
  ) => {
    const all = groups.flatMap((group) => [...planted(group, graph).values()])
    const times = new Map<Position | null, Timestamp | null>([
      [null, null],
      [position, itsTime]
    ])
    for (const { joined, joinedAt } of trees.values()) times.set(joined, joinedAt)
    const lacking = new Set(all.map(({ joined }) => joined).filter((one) => !times.has(one)))
    if (lacking.size > 0) {
      for (const [position, at] of sql.timesOf.all(JSON.stringify([...lacking]))) {
        times.set(position, at)
      }
    }
    return new Map<Node, Tree>(
      all.map((one) => [one.node, { ...one, joinedAt: times.get(one.joined) ?? null }])
    )
  }

  return (reshaping, position) => {
    const { graph, before, after, flipped, relinked } = reshaping
    const changed = changedGroups(before, after, relinked)
    const onRecord = recordsOf(changed)
    const trees = plantedWith(changed, graph, onRecord, position)
    const was = linkages(onRecord.trees, (id) => rowOf(onRecord, id).node)
    const moves: Row[] = []
    const settled: Row[] = []
    for (const group of changed) {
      const primary = oldestLive(group)
      const is = linkages(trees, () => nodeOf(group, primary as Standing))
      for (const contact of group.contacts) {
        const row = rowOf(onRecord, contact.id)
        const node = nodeOf(group, contact)
        const hidden =
          (hidesEmail(contact) ? emailBit : 0) | (hidesPhoneNumber(contact) ? phoneBit : 0)
        if (row.node !== node || row.hidden !== hidden) moves.push([row.id, node, hidden])
        // One that the event minted stood nowhere: it counts as if it had been there before.
        const linkage = [row.node === 0 ? is(node) : was(row.node), is(node)] as const
        settled.push(...settledAs(row, contact.live, linkage))
      }
    }
    return {
      outcomes: outcomesOf(reshaping, position),
      identifiers: Float64Array.from(after.flatMap(({ identifiers }) => identifiers)),
      rows: {
        abilities: inOrder(flipped.map((one) => [one, canLink(graph, one) ? 1 : 0])),
        felled: inOrder(
          [...onRecord.trees.keys()].flatMap((node) => (trees.has(node) ? [] : [[node]]))
        ),
        trees: inOrder(treesIn(trees, onRecord, position)),
        places: inOrder(changed.flatMap((group) => placesIn(group, graph, onRecord))),
        moves: inOrder(moves),
        settled: inOrder(settled),
        sizes: inOrder(resized(sizesOf(before), sizesOf(after)))
      }
    }
  }
}

/** A row, its key first. */
type Row = readonly [key: number, ...values: (number | null)[]]

/** Rows in the order of their keys, in which they are written in less time. */
function inOrder(rows: readonly Row[]): string[] {
  return jsonTexts(rows.toSorted(([one = 0], [other = 0]) => one - other))
}

function treesIn(trees: ReadonlyMap<Node, Tree>, onRecord: OnRecord, position: Position): Row[] {
  return [...trees.values()].flatMap((tree) => {
    if (sameTree(onRecord.trees.get(tree.node), tree)) return []
    const { node, parent, joined, joinedAt, rank, oldest, hides } = tree
    const edge = joined === position ? ([0, 0] as const) : ([joined, joinedAt] as const)
    return [[node, parent, ...edge, rank, oldest, hides]]
  })
}

function placesIn(group: Group, graph: Graph, { places }: OnRecord): Row[] {
  const listed = new Set(group.contacts.flatMap(listedBy))
  return group.identifiers.flatMap((identifier) => {
    const node = -identifier
    const plain = listed.has(identifier) && canLink(graph, identifier) ? 1 : 0
    const was = places.get(identifier)
    return was?.node === node && was.plain === plain ? [] : [[identifier, node, plain]]
  })
}

/** The row of a contact that is not as its edges tell; none where it is. */
function settledAs(
  row: ContactOnRecord,
  live: boolean,
  [was, is]: readonly [Linkage, Linkage]
): Row[] {
  const [before, now] = [shownOf(row, was), shownOf(row, is)]
  const stays = (row.withdrawnAt === null) === live
  const same = before.linkedId === now.linkedId && stays
  const updatedAt = same ? before.updatedAt : itsTime
  if (now.updatedAt === updatedAt && stays) return []
  return [[row.id, updatedAt === itsTime ? null : updatedAt, live ? 1 : 0]]
}

/** The identities that have another size than they had. */
function resized(was: ContactCounts, is: ContactCounts): Row[] {
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((identity) => {
    const [before, after] = [was.get(identity) ?? null, is.get(identity) ?? null]
    return before === after ? [] : [[identity, before, after]]
  })
}

/** How many live contacts each of some identities has, by its primary. */
type ContactCounts = ReadonlyMap<ContactId, number>

/** The sizes of those groups that are identities. */
function sizesOf(groups: readonly Group[]): ContactCounts {
  return new Map(
    groups.flatMap((group) => {
      const live = group.contacts.filter(({ live }) => live)
      return live[0] === undefined ? [] : [[live[0].id, live.length]]
    })
  )
}

function rowOf({ contacts }: OnRecord, id: ContactId): ContactOnRecord {
  const row = contacts.get(id)
  if (row === undefined) throw new Error(`contact ${id} is not on record`)
  return row
}
