import type { Config } from '../src/config.ts'
import { type DecisionBody, readDecision } from '../src/decision-body.ts'
import { openLedger } from '../src/group-commit.ts'
import { isLocked } from '../src/log/lock.ts'
import { canonicalPhone } from '../src/phone-region.ts'
import { type PublishedDecision, publishDecision } from '../src/published-decision.ts'
import { urlOf } from './asked-server.ts'
import { decideThere } from './decide-there.ts'
import { withProgress } from './progress.ts'
import type { Io } from './verb.ts'
import { filesOf, holdLog, openModel } from './wiring.ts'

/**
 * Has a decision made: by the server that holds the ledger, where one does, else here. Says on the
 * error stream which of the two it was. A dry run writes nothing to the log.
 */
export async function makeDecision(
  io: Io,
  body: DecisionBody,
  { dryRun }: { dryRun: boolean }
): Promise<PublishedDecision> {
  const config = io.config()
  if (!isLocked(filesOf(config).lock)) return decideHere(io, config, body, { dryRun })
  io.err.write(`The ledger is in use; asking its server at ${urlOf(config)}.\n`)
  return decideThere(config, body, { dryRun })
}

async function decideHere(
  io: Io,
  config: Config,
  body: DecisionBody,
  { dryRun }: { dryRun: boolean }
): Promise<PublishedDecision> {
  const asked = readDecision(body, canonicalPhone(config.phoneRegion))
  const held = holdLog(config, { create: false })
  try {
    io.err.write(`No server has the ledger open; opened ${filesOf(config).log}.\n`)
    const { view, close } = await withProgress(io, 'read model', (watch) =>
      openModel(config, held.log, watch)
    )
    const onFailure = (error: unknown) => {
      io.err.write(`A write failed: ${error instanceof Error ? error.message : error}\n`)
    }
    const ledger = openLedger({ log: held.log, view, now: Date.now, onFailure })
    try {
      return publishDecision(await (dryRun ? ledger.supposeDecided(asked) : ledger.decide(asked)))
    } finally {
      await ledger.close()
      close()
    }
  } finally {
    await held.close()
  }
}
