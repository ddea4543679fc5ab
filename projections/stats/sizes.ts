import type Database from 'better-sqlite3'
import type { ContactId } from '../../src/domain/event.ts'
import type { Settlement } from '../../src/settlement.ts'

/** Identities of more live contacts are found by their size. */
export const fewest = 2

/** How many live contacts the identities have. */
export const schema = /* sql */ `
  -- Identities of two live contacts or more, by their primaries; the others need no row.
  CREATE TABLE sizes (
    identity INTEGER PRIMARY KEY,
    contacts INTEGER NOT NULL
  ) STRICT;
  -- Most identities have two, and their places in an index would change at random.
  CREATE INDEX sizes_by_contacts ON sizes (contacts DESC) WHERE contacts > ${fewest};

  -- All identities: those of at most so many live contacts, and of more than half as many.
  CREATE TABLE size_classes (
    up_to INTEGER PRIMARY KEY,
    identities INTEGER NOT NULL,
    contacts INTEGER NOT NULL
  ) STRICT;
`

/** An identity of more live contacts is large: to tell all of it takes longer than others should wait. */
export const large = 2_000

const statements = (db: Database.Database) => ({
  anyAbove: db
    .prepare<[number], 0 | 1>(
      `SELECT EXISTS (SELECT 1 FROM sizes WHERE contacts > ? AND contacts > ${fewest})`
    )
    .pluck(),
  size: db.prepare<[number], number>('SELECT contacts FROM sizes WHERE identity = ?').pluck(),
  resize: db.prepare<[number, number], void>(/* sql */ `
    INSERT INTO sizes (identity, contacts)
    VALUES (?, ?)
    ON CONFLICT DO UPDATE
    SET contacts = excluded.contacts`),
  remove: db.prepare<[number], void>('DELETE FROM sizes WHERE identity = ?'),
  count: db.prepare<[number, number, number], void>(/* sql */ `
    INSERT INTO size_classes (up_to, identities, contacts)
    VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE
    SET identities = identities + excluded.identities, contacts = contacts + excluded.contacts`)
})

/**
 * How many sizes wait in memory at most. Written in the order of identities they take a third of the
 * time that they take as they come, and so many of them no longer than others may wait.
 */
const usualWaiting = 8_000

/** Keeps the sizes of identities, each known by its primary. */
export type Sizes = {
  /** A contact came that is an identity by itself. */
  begin(): void
  /** A contact came to an identity. */
  grow(identity: ContactId): void
  merge(survivor: ContactId, absorbed: ContactId): void
  /** Whole identities became others. */
  reshape(settlement: Pick<Settlement, 'before' | 'after'>): void
  /** How many live contacts an identity has. */
  of(identity: ContactId): number
  /** Whether an identity is large. */
  isLarge(identity: ContactId): boolean
  /** Whether any identity is large, or was since the sizes are kept here. */
  anyLarge(): boolean
  /** Writes what waits in memory. */
  flush(): void
  /** Forgets what waits in memory, of a transaction that was rolled back. */
  forget(): void
}

export function sizes(db: Database.Database, mostWaiting = usualWaiting): Sizes {
  const sql = statements(db)
  const waiting = new Map<ContactId, number>()
  const classes = new Map<number, { identities: number; contacts: number }>()

  let anyLarge = sql.anyAbove.get(large) === 1

  const sizeOf = (identity: ContactId) => waiting.get(identity) ?? sql.size.get(identity) ?? 1

  const resize = (identity: ContactId, size: number) => {
    waiting.set(identity, size)
    if (size > large) anyLarge = true
    if (waiting.size >= mostWaiting) writeSizes()
  }

  const writeSizes = () => {
    for (const [identity, size] of [...waiting].sort(([a], [b]) => a - b)) {
      if (size > 1) sql.resize.run(identity, size)
      else sql.remove.run(identity)
    }
    waiting.clear()
  }

  /** Counts so many identities of a size more. */
  const count = (size: number, more: 1 | -1) => {
    const upTo = 2 ** (32 - Math.clz32(size - 1))
    const { identities, contacts } = classes.get(upTo) ?? { identities: 0, contacts: 0 }
    classes.set(upTo, { identities: identities + more, contacts: contacts + more * size })
  }

  return {
    begin: () => count(1, 1),

    grow(identity) {
      const size = sizeOf(identity)
      resize(identity, size + 1)
      count(size, -1)
      count(size + 1, 1)
    },

    merge(survivor, absorbed) {
      const [one, other] = [sizeOf(survivor), sizeOf(absorbed)]
      resize(survivor, one + other)
      if (other > 1) resize(absorbed, 1)
      count(one, -1)
      count(other, -1)
      count(one + other, 1)
    },

    reshape({ before: was, after: is }) {
      const change = (
        identity: ContactId,
        before: number | undefined,
        after: number | undefined
      ) => {
        if (before === after) return
        if (before !== undefined) count(before, -1)
        if (after !== undefined) count(after, 1)
        if ((before ?? 1) !== (after ?? 1)) resize(identity, after ?? 1)
      }
      for (const [identity, before] of was) change(identity, before, is.get(identity))
      for (const [identity, after] of is) if (!was.has(identity)) change(identity, undefined, after)
    },

    of: sizeOf,
    isLarge: (identity) => anyLarge && sizeOf(identity) > large,
    anyLarge: () => anyLarge,

    flush() {
      writeSizes()
      for (const [upTo, { identities, contacts }] of classes) {
        sql.count.run(upTo, identities, contacts)
      }
      classes.clear()
    },

    forget() {
      waiting.clear()
      classes.clear()
    }
  }
}
