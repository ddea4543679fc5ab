import type { Config } from '../src/config.ts'
import { type DecisionBody, readDecision } from '../src/decision-body.ts'
import { isLocked } from '../src/log/lock.ts'
import { canonicalPhone } from '../src/phone-region.ts'
import { type PublishedDecision, publishDecision } from '../src/published-decision.ts'
import { urlOf } from './asked-server.ts'
import { decideThere } from './decide-there.ts'
import { openForVerb } from './open-for-verb.ts'
import type { Io } from './verb.ts'
import { filesOf } from './wiring.ts'

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
  const { ledger, close } = await openForVerb(io, config, { create: false })
  io.err.write(`No server has the ledger open; opened ${filesOf(config).log}.\n`)
  try {
    return publishDecision(await (dryRun ? ledger.supposeDecided(asked) : ledger.decide(asked)))
  } finally {
    await close()
  }
}
