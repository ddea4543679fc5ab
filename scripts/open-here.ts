import type { Opening } from '../projections/read-model.ts'
import { openLedger } from '../src/group-commit.ts'
import type { Ledger } from '../src/ledger.ts'
import type { LedgerOptions } from '../src/ledger-options.ts'
import { holdLog, openModel, type Place } from './wiring.ts'

/** A ledger that is open in this process. */
export type Here = {
  readonly ledger: Ledger
  /** Finishes what is under way and lets go of the ledger's files. */
  close(): Promise<void>
}

/** How a ledger is opened in this process. */
export type HereOptions = Omit<LedgerOptions, 'log' | 'view' | 'reader' | 'preload'> & {
  /** Whether it is made where there is none. */
  readonly create: boolean
  readonly opening?: Opening
}

/**
 * Opens a ledger in this process: its lock, its log, its read model, with the same code as a server's.
 * Throws `cannot_open`, `corrupt_log`, and holds no lock then.
 */
export async function openHere(
  place: Place,
  { create, opening, ...options }: HereOptions
): Promise<Here> {
  const held = holdLog(place, { create })
  try {
    const model = await openModel(place, held.log, opening)
    const ledger = openLedger({ log: held.log, view: model.view, ...options })
    return {
      ledger,
      async close() {
        try {
          await ledger.close()
          model.close()
        } finally {
          await held.close()
        }
      }
    }
  } catch (error) {
    await held.close()
    throw error
  }
}
