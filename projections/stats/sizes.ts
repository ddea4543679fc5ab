import type Database from 'better-sqlite3'
import type { ContactId } from '../../src/domain/event.ts'

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

/** An identity, and how many live contacts it had and has; null where it was or is none. */
type Resized = readonly [identity: ContactId, before: number | null, after: number | null]

/** Keeps the sizes of identities, each known by its primary. */
export type Sizes = {
  /** A contact came that is an identity by itself. */
  begin(): void
  /** A contact came to an identity. */
  grow(identity: ContactId): void
  merge(survivor: ContactId, absorbed: ContactId): void
  /** Whole identities became others: a text of `sizes` of a settlement. */
  reshape(rows: string): void
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

    reshape(rows) {
      for (const [identity, before, after] of JSON.parse(rows) as readonly Resized[]) {
        if (before !== null) count(before, -1)
        if (after !== null) count(after, 1)
        if ((before ?? 1) !== (after ?? 1)) resize(identity, after ?? 1)
      }
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
