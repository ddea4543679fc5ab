import type Database from 'better-sqlite3'
import { changedGroups } from '../../src/domain/changed-groups.ts'
import type { Cause, ContactId, Position, Recorded, Timestamp } from '../../src/domain/event.ts'
import { canLink, type Graph } from '../../src/domain/graph.ts'
import {
  type Group,
  hidesEmail,
  hidesPhoneNumber,
  listedBy,
  oldestLive,
  type Standing
} from '../../src/domain/groups.ts'
import type { Reshaping } from '../../src/domain/reshape.ts'
import type { Forest, Node, Tree } from './forest.ts'
import { type Linkage, linkages, shownOf } from './linkage.ts'
import { type ContactOnRecord, type OnRecord, recordsIn } from './on-record.ts'
import { nodeOf, planted } from './planting.ts'

const statements = (db: Database.Database) => ({
  place: db.prepare<[number, number, number], void>(/* sql */ `
    UPDATE identifiers
    SET node = ?, came = 0, plain = ?
    WHERE number = ?`),
  move: db.prepare<[number, number, number], void>(/* sql */ `
    UPDATE minted
    SET node = ?, hidden = ?
    WHERE id = ?`),
  settle: db.prepare<[number, number, number | null, number], void>(/* sql */ `
    UPDATE minted
    SET settled = ?, updated_at = ?, withdrawn_at = ?
    WHERE id = ?`),
  remember: db.prepare<[number, number, number, number | null], void>(/* sql */ `
    INSERT INTO settlements (contact, position, updated_at, withdrawn_at)
    VALUES (?, ?, ?, ?)`),
  flip: db.prepare<[number, number, number], void>(/* sql */ `
    INSERT INTO abilities (identifier, position, able)
    VALUES (?, ?, ?)`),
  ableSince: db.prepare<[number, number], void>(/* sql */ `
    UPDATE identifiers
    SET able_since = ?
    WHERE number = ?`),
  timesOf: db
    .prepare<[string], [position: Position, at: Timestamp]>(/* sql */ `
      SELECT asked.value, coalesce(observations.recorded_at, decisions.decided_at)
      FROM json_each(?) AS asked
      LEFT JOIN observations ON observations.position = asked.value
      LEFT JOIN decisions ON decisions.position = asked.value`)
    .raw()
})

/** Writes what an event made of the identities around it. */
export type Reshaper = {
  /** Settles every group that is not as it was. To be called once the event is taken. */
  settle(reshaping: Reshaping, recorded: Recorded<Cause>): void
}

/**
 * Most of a large group is as it was after most events, so a row is written only where it says
 * otherwise than what holds now.
 */
export function reshaper(db: Database.Database, forest: Forest): Reshaper {
  const sql = statements(db)
  const recordsOf = recordsIn(db)

  /** The trees of groups, with the times of their edges. */
  const plantedWith = (groups: readonly Group[], graph: Graph, { trees }: OnRecord) => {
    const all = groups.flatMap((group) => [...planted(group, graph).values()])
    const times = new Map<Position | null, Timestamp | null>([[null, null]])
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

  const place = (group: Group, graph: Graph, { places }: OnRecord) => {
    const listed = new Set(group.contacts.flatMap(listedBy))
    for (const identifier of group.identifiers) {
      const node = -identifier
      const plain = listed.has(identifier) && canLink(graph, identifier) ? 1 : 0
      const was = places.get(identifier)
      if (was?.node !== node || was.plain !== plain) sql.place.run(node, plain, identifier)
    }
  }

  const move = (row: ContactOnRecord, contact: Standing, node: Node) => {
    const hidden = (hidesEmail(contact) ? 1 : 0) | (hidesPhoneNumber(contact) ? 2 : 0)
    if (row.node !== node || row.hidden !== hidden) sql.move.run(node, hidden, row.id)
  }

  const settleContact = (
    row: ContactOnRecord,
    live: boolean,
    [was, is]: readonly [Linkage, Linkage],
    { position, recordedAt }: Recorded<Cause>
  ) => {
    const [before, now] = [shownOf(row, was), shownOf(row, is)]
    const withdrawnAt = live ? null : (row.withdrawnAt ?? recordedAt)
    const same = before.linkedId === now.linkedId && (row.withdrawnAt === null) === live
    const updatedAt = same ? before.updatedAt : Math.max(row.createdAt, recordedAt)
    if (now.updatedAt === updatedAt && row.withdrawnAt === withdrawnAt) return
    sql.settle.run(position, updatedAt, withdrawnAt, row.id)
    sql.remember.run(row.id, position, updatedAt, withdrawnAt)
  }

  return {
    settle(reshaping, recorded) {
      const { graph, before, after, flipped, relinked } = reshaping
      const { position } = recorded
      for (const identifier of flipped) {
        const able = canLink(graph, identifier)
        sql.flip.run(identifier, position, able ? 1 : 0)
        if (able) sql.ableSince.run(position, identifier)
      }
      const changed = changedGroups(before, after, relinked)
      const onRecord = recordsOf(changed)
      const trees = plantedWith(changed, graph, onRecord)
      forest.replant(onRecord.trees, trees)
      const was = linkages(onRecord.trees, (id) => rowOf(onRecord, id).node)
      for (const group of changed) {
        place(group, graph, onRecord)
        const primary = oldestLive(group)
        const is = linkages(trees, () => nodeOf(group, primary as Standing))
        for (const contact of group.contacts) {
          const row = rowOf(onRecord, contact.id)
          const node = nodeOf(group, contact)
          move(row, contact, node)
          // One that the event minted stood nowhere: it counts as if it had been there before.
          const linkage = [row.node === 0 ? is(node) : was(row.node), is(node)] as const
          settleContact(row, contact.live, linkage, recorded)
        }
      }
    }
  }
}

function rowOf({ contacts }: OnRecord, id: ContactId): ContactOnRecord {
  const row = contacts.get(id)
  if (row === undefined) throw new Error(`contact ${id} is not on record`)
  return row
}
