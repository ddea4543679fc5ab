import type { Config } from '../../src/config.ts'
import { LedgerError } from '../../src/domain/errors.ts'
import { openLedger } from '../../src/group-commit.ts'
import { canonicalPhone } from '../../src/phone-region.ts'
import { withProgress } from '../progress.ts'
import type { Io } from '../verb.ts'
import { holdLog, openModel } from '../wiring.ts'
import type { Outcome, Way } from './way.ts'

/**
 * How long the read model may lag behind the log: a page that many rows change is written once. What
 * a crash takes is read from the log again.
 */
const commitLimits = { events: 200_000, pause: 60_000, patience: 60_000 }

/** All that is under way shares an append; nobody else is there who would wait for it. */
const batchLimits = { requests: 10_000, weight: 100_000 }

/** The way into a ledger that no server has open. Throws `cannot_open`. */
export async function wayHere(io: Io, config: Config): Promise<Way> {
  const held = holdLog(config, { create: true })
  try {
    const { view, close } = await withProgress(io, 'read model', (watch) =>
      openModel(config, held.log, watch)
    )
    const onFailure = (error: unknown) => {
      io.err.write(`A write failed: ${error instanceof Error ? error.message : error}\n`)
    }
    const limits = { commitLimits, batchLimits }
    const ledger = openLedger({ log: held.log, view, now: Date.now, onFailure, ...limits })
    return {
      canonical: canonicalPhone(config.phoneRegion),
      record: (asked) => Promise.all(asked.map((one) => ledger.record(one).catch(refused))),
      async close() {
        await ledger.close()
        close()
        await held.close()
      }
    }
  } catch (error) {
    await held.close()
    throw error
  }
}

function refused(error: unknown): Outcome {
  if (error instanceof LedgerError && error.code === 'key_reused') return { refused: error.message }
  throw error
}
