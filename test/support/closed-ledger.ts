import { compare } from '../../projections/check.ts'
import { verify } from '../../projections/verify.ts'
import { filesOf, readLog } from '../../scripts/wiring.ts'
import type { Recorded } from '../../src/domain/event.ts'
import { pages } from '../../src/log/event-log.ts'

/** Every event of a closed ledger's log. */
export async function eventsIn(ledgerDir: string): Promise<Recorded[]> {
  const log = readLog({ ledgerDir })
  const events: Recorded[] = []
  for await (const page of pages(log, 0, await log.head())) events.push(...page)
  await log.close()
  return events
}

/** What is wrong with a closed ledger: nothing, as the fold and a rebuild both see it. */
export async function problemsIn(ledgerDir: string): Promise<string[]> {
  const log = readLog({ ledgerDir })
  const { readModel } = filesOf({ ledgerDir })
  const { problems, digest } = await verify(log, readModel)
  const rebuilt = await compare(log, readModel)
  await log.close()
  return [
    ...problems,
    ...(rebuilt.problem === null ? [] : [`the read model ${rebuilt.problem}`]),
    ...(rebuilt.digest === digest ? [] : ['the fold and a rebuild have different digests'])
  ]
}
