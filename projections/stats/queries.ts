import type Database from 'better-sqlite3'
import { LedgerEvent } from '../../src/domain/event.ts'
import { type Identifier, nameOf } from '../../src/domain/identifier.ts'
import type { ReadingView } from '../../src/views.ts'
import { fewest } from './sizes.ts'

type Stats = ReturnType<ReadingView['stats']>
type SizeClass = { readonly upTo: number; readonly identities: number; readonly contacts: number }
type Shared = Pick<Identifier, 'kind' | 'value'> & {
  readonly number: number
  readonly sharing: number
}

/** How many of the largest are told, and of how many days. */
const most = { largest: 10, shared: 10, days: 366 }

const dayLength = 24 * 60 * 60 * 1_000

const statements = (db: Database.Database) => ({
  types: db.prepare<[], [string, number]>('SELECT type, events FROM event_types').raw(),
  sizeClasses: db.prepare<[], SizeClass>(/* sql */ `
    SELECT up_to AS upTo, identities, contacts
    FROM size_classes
    WHERE identities > 0
    ORDER BY up_to`),
  largest: db.prepare<[number], Stats['largest'][number]>(/* sql */ `
    SELECT identity AS primaryContactId, contacts
    FROM sizes
    WHERE contacts > ${fewest}
    ORDER BY contacts DESC, identity
    LIMIT ?`),
  /** Costs no more than the larger ones, of which there are few when these are wanted. */
  oldestOfFewest: db.prepare<[number], Stats['largest'][number]>(/* sql */ `
    SELECT identity AS primaryContactId, contacts
    FROM sizes
    WHERE contacts = ${fewest}
    ORDER BY identity
    LIMIT ?`),
  mostShared: db.prepare<[string, number], Shared>(/* sql */ `
    SELECT sharing.kind, value, number, others AS sharing
    FROM sharing
    CROSS JOIN identifiers ON number = identifier
    WHERE sharing.kind = ?
    ORDER BY others DESC, identifier DESC
    LIMIT ?`),
  days: db.prepare<[number], { day: number; merges: number; splits: number }>(/* sql */ `
    SELECT day, merges, splits
    FROM days
    ORDER BY day DESC
    LIMIT ?`)
})

/**
 * The numbers of a read model, all of them counted before or found by an index. `flush` writes those
 * that are still in memory.
 */
export function statsQueries(db: Database.Database, flush?: () => void): () => Stats {
  const sql = statements(db)

  const mostShared = () =>
    (['email', 'phone'] as const)
      .flatMap((kind) => sql.mostShared.all(kind, most.shared))
      .sort((a, b) => b.sharing - a.sharing || b.number - a.number)
      .slice(0, most.shared)
      .map((one) => ({ identifier: nameOf(one), sharing: one.sharing }))

  const largest = () => {
    const found = sql.largest.all(most.largest)
    const lacking = most.largest - found.length
    return lacking > 0 ? [...found, ...sql.oldestOfFewest.all(lacking)] : found
  }

  return () => {
    flush?.()
    const byType = { ...none, ...Object.fromEntries(sql.types.all()) }
    const classes = sql.sizeClasses.all()
    return {
      events: sum(Object.values(byType)),
      contacts: sum(classes.map(({ contacts }) => contacts)),
      identities: sum(classes.map(({ identities }) => identities)),
      byType,
      sizes: histogram(classes),
      largest: largest(),
      mostShared: mostShared(),
      days: sql.days.all(most.days).map((one) => ({ ...one, day: dateOf(one.day) }))
    }
  }
}

const none: Readonly<Record<string, number>> = Object.fromEntries(
  LedgerEvent.anyOf.map(({ properties }) => [properties.type.const, 0])
)

/** All classes up to the last that holds any, empty ones among them. */
function histogram(classes: readonly SizeClass[]): Stats['sizes'] {
  const found = new Map(classes.map(({ upTo, identities }) => [upTo, identities]))
  const sizes: Stats['sizes'] = []
  for (let to = 1; to <= (classes.at(-1)?.upTo ?? 0); to *= 2) {
    sizes.push({ from: Math.floor(to / 2) + 1, to, identities: found.get(to) ?? 0 })
  }
  return sizes
}

function dateOf(day: number): string {
  return new Date(day * dayLength).toISOString().replace(/T.*/, '')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
