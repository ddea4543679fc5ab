import type { Config } from '../../src/config.ts'
import { LedgerError } from '../../src/domain/errors.ts'
import { canonicalPhone } from '../../src/phone-region.ts'
import { openForVerb } from '../open-for-verb.ts'
import type { Io } from '../verb.ts'
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
  const limits = { commitLimits, batchLimits }
  const { ledger, close } = await openForVerb(io, config, { create: true, ...limits })
  return {
    canonical: canonicalPhone(config.phoneRegion),
    record: (asked) => Promise.all(asked.map((one) => ledger.record(one).catch(refused))),
    close
  }
}

function refused(error: unknown): Outcome {
  if (error instanceof LedgerError && error.code === 'key_reused') return { refused: error.message }
  throw error
}
