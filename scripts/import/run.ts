import type { Observation } from '../../src/domain/decide.ts'
import type { Position } from '../../src/domain/event.ts'
import type { Columns } from './columns.ts'
import { seenIn } from './observations.ts'
import type { Rejects } from './rejects.ts'
import type { Row, Table } from './table.ts'
import { count, type Tally } from './tally.ts'
import type { Outcome, Way } from './way.ts'

/** How many observations are recorded together, and how many such portions are under way at once. */
const portionSize = 1_000
const mostUnderWay = 2

/** How long an import goes on before it keeps its place, in ms. */
const stride = 500

/** What an import works on, and how. */
export type Run = {
  readonly table: Table
  readonly columns: Columns
  readonly way: Way
  readonly rejects: Rejects
  readonly tally: Tally
  /** How many rows this run has done, which another may have begun. */
  readonly seen: { rows: number }
  readonly source: string
  /** What the idempotency keys of its observations begin with; null for none. */
  readonly keys: string | null
  /** The number of the last row that is done already. */
  readonly after: number
  /**
   * Called now and then, and at the end, when all rows up to one are on disk, the last recorded at that
   * position.
   */
  keep(row: number, position: Position | 0): Promise<void>
  /** Ends it soon, with what is under way finished. */
  readonly signal: AbortSignal
}

/** A row, with what it says was seen, or why it is refused. */
type Entry = {
  readonly row: Row
  readonly asked: readonly Observation[]
  readonly refused?: string
}

/** Rows whose observations are under way. */
type Portion = {
  readonly entries: readonly Entry[]
  readonly outcomes: Promise<readonly Outcome[]>
}

/**
 * Records the rows of a table, in their order. Rows that are refused go to the rejects and stop
 * nothing. Its place is kept where it is whole: every row up to it is on disk, here or there.
 */
export async function runImport(run: Run): Promise<void> {
  const underWay: Portion[] = []
  let [done, position]: [number, Position | 0] = [run.after, 0]
  let keptAt = performance.now()

  async function finishFirst() {
    const portion = underWay.shift()
    if (portion === undefined) return
    const outcomes = await portion.outcomes
    // Not always in the order of the rows: one may have waited for a decision.
    for (const outcome of outcomes) position = Math.max(position, positionOf(outcome))
    const next = outcomes[Symbol.iterator]()
    for (const entry of portion.entries) {
      settle(run, entry, next)
      done = entry.row.number
    }
    if (performance.now() - keptAt < stride) return
    await run.keep(done, position)
    keptAt = performance.now()
  }

  async function begin(entries: readonly Entry[]) {
    const outcomes = run.way.record(entries.flatMap(({ asked }) => asked))
    // It is awaited in its turn, which may be after another has failed.
    outcomes.catch(() => {})
    underWay.push({ entries, outcomes })
    if (underWay.length > mostUnderWay) await finishFirst()
  }

  try {
    for await (const entries of portionsOf(run)) {
      await begin(entries)
      if (run.signal.aborted) break
    }
    while (underWay.length > 0) await finishFirst()
  } finally {
    await run.keep(done, position)
  }
}

/** The rows that are not done yet, in portions of about as many observations as go together. */
async function* portionsOf(run: Run): AsyncGenerator<readonly Entry[]> {
  for await (const rows of run.table.rows) {
    // What is read after the signal may be cut off in the middle of a row.
    if (run.signal.aborted) return
    let [entries, size]: [Entry[], number] = [[], 0]
    for (const row of rows) {
      if (row.number <= run.after) continue
      const entry = entryOf(run, row)
      entries.push(entry)
      size += entry.asked.length
      if (size < portionSize && entries.length < portionSize) continue
      yield entries
      ;[entries, size] = [[], 0]
    }
    // A pipe may stand still: what came through it does not wait for more.
    if (entries.length > 0) yield entries
  }
}

function entryOf({ table, columns, way, source, keys }: Run, row: Row): Entry {
  const seen = seenIn(row, columns, table.columns, way.canonical)
  if ('refused' in seen) return { row, asked: [], refused: seen.refused }
  const asked = seen.values.map((values, nth) => ({
    source,
    idempotencyKey: keys === null ? null : `${keys}${row.number}.${nth + 1}`,
    observedAt: seen.observedAt,
    ...values
  }))
  return { row, asked }
}

/** Where an observation stands; 0 where it is no new one. */
function positionOf(outcome: Outcome): Position | 0 {
  return 'refused' in outcome ? 0 : (outcome.observation ?? 0)
}

/** Counts what became of a row. */
function settle(
  { tally, seen, rejects }: Run,
  { row, asked, refused }: Entry,
  outcomes: Iterator<Outcome>
) {
  let reason = refused
  for (const _ of asked) {
    const outcome = outcomes.next().value as Outcome
    if ('refused' in outcome) reason ??= outcome.refused
    else count(tally, outcome)
  }
  tally.rows++
  seen.rows++
  const one = (kind: 'email' | 'phoneNumber') => asked.every((values) => values[kind] === null)
  if (asked.length > 1 && (one('email') || one('phoneNumber'))) tally.unlinked++
  if (reason !== undefined) {
    tally.rejects++
    rejects.add(row, reason)
  }
}
