import type { Config } from '../src/config.ts'
import type { DecisionBody } from '../src/decision-body.ts'
import type { PublishedDecision } from '../src/published-decision.ts'
import { askServer, cannotAsk, mustServe, refusalIn, urlOf } from './asked-server.ts'

/**
 * Has a decision made by the server that holds the ledger, at HOST and PORT, once it has shown that
 * it serves this ledger and no other. Throws what it refuses as it would here, and `cannot_open`
 * when it can't be asked.
 */
export async function decideThere(
  config: Config,
  body: DecisionBody,
  { dryRun }: { dryRun: boolean }
): Promise<PublishedDecision> {
  await mustServe(config)
  const answer = await askServer(`${urlOf(config)}/decisions?dryRun=${dryRun}`, config, {
    method: 'POST',
    // Without an actor it is the key's name.
    body: JSON.stringify({ ...body, actor: body.actor || undefined })
  })
  if (answer?.status === 200) return answer.body as PublishedDecision
  if (answer !== null) throw refusalIn(answer)
  throw cannotAsk('it stopped answering; the log tells whether the decision is on record')
}
