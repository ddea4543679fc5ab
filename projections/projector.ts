import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { Position, Recorded } from '../src/domain/event.ts'
import { storedData } from '../src/log/stored-data.ts'
import type { WorkedOut } from '../src/settlement.ts'
import { makeIndexes } from './indexes.ts'
import { type Hears, isDecision } from './projection.ts'
import { openAll } from './read-models.ts'

const statements = (db: Database.Database) => ({
  checkpoint: db.prepare<[], { position: number; fingerprint: string }>(/* sql */ `
    SELECT position, fingerprint
    FROM checkpoint`),
  advance: db.prepare<[number, string], void>(/* sql */ `
    UPDATE checkpoint
    SET position = ?, fingerprint = ?`),
  setAside: db.prepare<[number, string], void>(/* sql */ `
    INSERT INTO early (position, recorded)
    VALUES (?, ?)
    ON CONFLICT DO NOTHING`),
  takeUp: db
    .prepare<[number], string>(/* sql */ `
      DELETE FROM early
      WHERE position = ?
      RETURNING recorded`)
    .pluck(),
  early: db.prepare<[], number>('SELECT count(*) FROM early').pluck()
})

/** What tells an event from any other that could stand at its position. */
export function fingerprint({ position, recordedAt, event }: Recorded): string {
  const data = storedData(event)
  return createHash('sha256')
    .update(`[${position},${recordedAt},{"type":"${event.type}",`)
    .update(data.slice(1))
    .update(']')
    .digest('hex')
}

/** Takes events to the read models of one database, and keeps the place. */
export type Projector = ReturnType<typeof projector>

/**
 * Events may come in any order, twice, and cut into any batches: each is heard once, in the order
 * of the log. One that comes before its turn is set aside until its turn comes, so what the read
 * models show is always the log up to the checkpoint.
 */
export function projector(db: Database.Database) {
  const sql = statements(db)
  const models = openAll(db)
  const listeners: readonly Hears[] = Object.values(models)
  const read = () => sql.checkpoint.get() ?? { position: 0, fingerprint: '' }
  let checkpoint: Position | 0 = read().position
  let anyEarly = sql.early.get() !== 0
  let last: Recorded | undefined
  let broken: unknown

  /** Takes one event, inside a transaction that ends with `keepPlace`. */
  function hear(recorded: Recorded, known?: WorkedOut) {
    if (broken !== undefined) throw broken
    if (recorded.position <= checkpoint) return
    if (recorded.position > checkpoint + 1) {
      sql.setAside.run(recorded.position, JSON.stringify(recorded))
      anyEarly = true
      return
    }
    take(recorded, known)
    if (!anyEarly) return
    for (let next = takeUp(); next !== undefined; next = takeUp()) take(next)
    anyEarly = sql.early.get() !== 0
  }

  function take(recorded: Recorded, known?: WorkedOut) {
    // What a decision reshapes is found by indexes; without any, the fold needs none.
    if (isDecision(recorded)) makeIndexes(db)
    for (const listener of listeners) listener.hear(recorded, known)
    checkpoint = recorded.position
    last = recorded
  }

  /** The event that is next in the log, if it came early. */
  function takeUp(): Recorded | undefined {
    const early = sql.takeUp.get(checkpoint + 1)
    return early === undefined ? undefined : JSON.parse(early)
  }

  /**
   * Writes what is held in memory, so that the database shows all that was heard. After a failure
   * nothing more is heard until the transaction is rolled back: what it holds is not known.
   */
  function flush() {
    try {
      for (const listener of listeners) listener.flush?.()
    } catch (error) {
      broken = error
      throw error
    }
  }

  /** Moves the checkpoint in the database to what was heard. */
  function keepPlace() {
    if (last === undefined) return
    flush()
    sql.advance.run(checkpoint, fingerprint(last))
    last = undefined
  }

  return {
    ...models,
    hear,
    flush,
    keepPlace,

    /** The place as it stands in the database: the last event that was kept, and its fingerprint. */
    checkpoint: read,

    /** The last event that was heard, kept or not. */
    position: () => checkpoint,

    /** Forgets what was heard in a transaction that was rolled back. */
    forget() {
      for (const listener of listeners) listener.forget?.()
      broken = undefined
      checkpoint = read().position
      anyEarly = sql.early.get() !== 0
      last = undefined
    },

    /** Takes many events in one transaction. */
    hearAll(batch: readonly Recorded[]) {
      db.transaction(() => {
        for (const recorded of batch) hear(recorded)
        keepPlace()
      })()
    }
  }
}
