import type Database from 'better-sqlite3'
import type { Cause, ContactId, Recorded, Timestamp } from '../../src/domain/event.ts'
import { canLink, type Graph, liveLinks } from '../../src/domain/graph.ts'
import { type Group, hidesAny, type Standing } from '../../src/domain/groups.ts'
import type { Reshaping } from '../../src/domain/reshape.ts'
import { type Forest, lone, type Node, type Tree } from './forest.ts'

/** What was so of a contact before an event. */
export type Before = {
  readonly id: ContactId
  readonly linkedId: ContactId | null
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  readonly withdrawnAt: Timestamp | null
}

const statements = (db: Database.Database) => ({
  before: db.prepare<[string], Before>(/* sql */ `
    SELECT
      linked.id, linked.linked_id AS linkedId, linked.created_at AS createdAt,
      linked.updated_at AS updatedAt, linked.withdrawn_at AS withdrawnAt
    FROM json_each(?) AS wanted
    CROSS JOIN linked ON linked.id = wanted.value`),
  nodeOfContact: db.prepare<[number], number>('SELECT node FROM minted WHERE id = ?').pluck(),
  nodeOfIdentifier: db
    .prepare<[number], number>('SELECT node FROM identifiers WHERE number = ?')
    .pluck(),
  place: db.prepare<[number, number, number], void>(/* sql */ `
    UPDATE identifiers
    SET node = ?, came = 0, plain = ?
    WHERE number = ?`),
  settle: db.prepare<[number, number, number, number | null, number, number], void>(/* sql */ `
    UPDATE minted
    SET node = ?, settled = ?, updated_at = ?, withdrawn_at = ?, hidden = ?
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
  timeOf: db
    .prepare<[number, number], number>(/* sql */ `
      SELECT recorded_at FROM observations WHERE position = ?
      UNION ALL
      SELECT decided_at FROM decisions WHERE position = ?`)
    .pluck()
})

/** Writes what an event made of the identities around it. */
export type Reshaper = {
  /** What is so of the contacts of a reshaping. To be read before the event is taken. */
  before(reshaping: Reshaping): ReadonlyMap<ContactId, Before>
  /** Settles every group that is not as it was. To be called once the event is taken. */
  settle(
    reshaping: Reshaping,
    before: ReadonlyMap<ContactId, Before>,
    recorded: Recorded<Cause>
  ): void
}

export function reshaper(db: Database.Database, trees: Forest): Reshaper {
  const sql = statements(db)

  const settleGroup = (
    group: Group,
    graph: Graph,
    before: ReadonlyMap<ContactId, Before>,
    { position, recordedAt, event }: Recorded<Cause>
  ) => {
    const primary = group.contacts.find(({ live }) => live)?.id ?? null
    const hides = hidesAny(group) ? 1 : 0
    plant(group, graph, { oldest: primary, hides })
    const listed = new Set(group.contacts.flatMap(listedBy))
    for (const identifier of group.identifiers) {
      const plain = listed.has(identifier) && canLink(graph, identifier)
      sql.place.run(-identifier, plain ? 1 : 0, identifier)
    }
    for (const contact of group.contacts) {
      const { id, live } = contact
      const linkedId = primary === id ? null : primary
      const was = before.get(id) ?? mintedBy(event, id, linkedId)
      const withdrawnAt = live ? null : (was.withdrawnAt ?? recordedAt)
      const same = was.linkedId === linkedId && (was.withdrawnAt === null) === live
      const updatedAt = same ? was.updatedAt : Math.max(was.createdAt, recordedAt)
      const hidden = (contact.listsEmail ? 0 : 1) | (contact.listsPhoneNumber ? 0 : 2)
      sql.settle.run(nodeOf(group, contact), position, updatedAt, withdrawnAt, hidden, id)
      sql.remember.run(id, position, updatedAt, withdrawnAt)
    }
  }

  /** Plants the tree of a group: its links join it in the order in which they came to be live. */
  const plant = (group: Group, graph: Graph, top: Pick<Tree, 'oldest' | 'hides'>) => {
    if (group.alone !== null) {
      const [first] = group.contacts
      if (first !== undefined) trees.put({ ...lone(first.id), ...top })
      return
    }
    const planted = new Map<Node, Tree>(group.identifiers.map((one) => [-one, { ...lone(-one) }]))
    const rootOf = (node: Node): Tree => {
      let root = planted.get(node) as Tree
      while (root.parent !== null) root = planted.get(root.parent) as Tree
      return root
    }
    const links = group.identifiers.flatMap((from) =>
      liveLinks(graph, from)
        .filter(({ to }) => to > from)
        .map((link) => ({ from, ...link }))
    )
    for (const { from, to, since } of links.sort((a, b) => a.since - b.since)) {
      const [a, b] = [rootOf(-from), rootOf(-to)]
      if (a.node === b.node) continue
      const [top, below] = a.rank >= b.rank ? [a, b] : [b, a]
      const rank = a.rank === b.rank ? top.rank + 1 : top.rank
      planted.set(top.node, { ...top, rank })
      const joinedAt = sql.timeOf.get(since, since) ?? null
      planted.set(below.node, { ...below, parent: top.node, joined: since, joinedAt })
    }
    for (const tree of planted.values()) {
      trees.put(tree.parent === null ? { ...tree, ...top } : tree)
    }
  }

  return {
    before({ before, after }) {
      const contacts = [...before, ...after].flatMap(({ contacts }) => contacts.map(({ id }) => id))
      return new Map(
        sql.before.all(JSON.stringify([...new Set(contacts)])).map((was) => [was.id, was])
      )
    },

    settle(reshaping, before, recorded) {
      const { graph, after, flipped, relinked } = reshaping
      for (const identifier of flipped) {
        const able = canLink(graph, identifier)
        sql.flip.run(identifier, recorded.position, able ? 1 : 0)
        if (able) sql.ableSince.run(recorded.position, identifier)
      }
      const unchanged = new Set(reshaping.before.map(signature))
      const changed = after.filter(
        (group) =>
          !unchanged.has(signature(group)) || group.identifiers.some((one) => relinked.has(one))
      )
      trees.fell(oldNodes(changed))
      for (const group of changed) settleGroup(group, graph, before, recorded)
    }
  }

  function oldNodes(groups: readonly Group[]): Set<Node> {
    const nodes = groups.flatMap(({ identifiers, contacts }) => [
      ...identifiers.map((one) => sql.nodeOfIdentifier.get(one)),
      ...contacts.map(({ id }) => sql.nodeOfContact.get(id))
    ])
    return new Set(nodes.filter((node) => node !== undefined))
  }
}

/** What is so of a contact that an event mints, as if it had been there before. */
function mintedBy(event: Cause, id: ContactId, linkedId: ContactId | null): Before {
  if (event.type !== 'ContactObserved') throw new Error(`contact ${id} was never minted`)
  const { observedAt } = event
  return { id, linkedId, createdAt: observedAt, updatedAt: observedAt, withdrawnAt: null }
}

function listedBy({ email, phoneNumber, listsEmail, listsPhoneNumber }: Standing): number[] {
  return [...(listsEmail ? [email] : []), ...(listsPhoneNumber ? [phoneNumber] : [])]
}

/** The node of a contact: its home's, or that of the oldest one with the same values alone. */
function nodeOf({ contacts }: Group, { home, id }: Standing): Node {
  return typeof home === 'number' ? -home : (contacts[0]?.id ?? id)
}

/** All that a group is, in a form that equals another's when they are the same. */
function signature({ identifiers, alone, contacts }: Group): string {
  return JSON.stringify([[...identifiers].sort(), alone, contacts])
}
