import type { Receipt } from '../../src/receipt.ts'

/** What came of the rows of an import so far, in all of its runs. */
export type Tally = {
  rows: number
  observations: number
  /** Observations that were on record before this import began. */
  already: number
  contacts: number
  merges: number
  rejects: number
  /** Rows with several values of one kind and none of the other, which nothing can link. */
  unlinked: number
}

/** What came of an import, in all of its runs; the seconds are those of the last. */
export type Came = Tally & {
  /** Where the rejects are; null when there are none. */
  readonly rejectsFile: string | null
  readonly seconds: number
}

/** Nothing came yet. */
export function emptyTally(): Tally {
  return { rows: 0, observations: 0, already: 0, contacts: 0, merges: 0, rejects: 0, unlinked: 0 }
}

/** Counts an observation. */
export function count(tally: Tally, { observation, contact, absorbed }: Receipt) {
  if (observation === null) {
    tally.already++
    return
  }
  tally.observations++
  if (contact !== null) tally.contacts++
  if (absorbed.length > 0) tally.merges++
}
