import type { Figure } from './figure.ts'
import type { Ledgers } from './ledgers.ts'
import type { Processes } from './processes.ts'

/** How large a run is. */
export type Sizes = {
  /** Only to see that everything runs: the figures of such a run say nothing. */
  readonly quick: boolean
  readonly rounds: number
  readonly seconds: number
  /** How long a new server is loaded before it is measured, in s. */
  readonly warmUp: number
  readonly connections: number
  /** How many contacts are there already; null for what each bench takes by itself. */
  readonly contacts: number | null
  /** The client that loads servers; null for what each bench takes by itself. */
  readonly client: string | null
  /** Also what takes hours. */
  readonly max: boolean
}

/** What a bench works with, for the time of one run. */
export type Workshop = {
  readonly sizes: Sizes
  /** A folder that is gone after the run. */
  readonly folder: string
  readonly ledgers: Ledgers
  readonly processes: Processes
  /** Tells whoever waits what is going on. */
  note(text: string): void
}

/** Something that is measured beside its yardstick. */
export type Bench = {
  readonly summary: string
  run(workshop: Workshop): Promise<readonly Figure[]>
}
