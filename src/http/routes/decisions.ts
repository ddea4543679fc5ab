import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { DecisionBody, readDecision } from '../../decision-body.ts'
import { PublishedDecision, publishDecision } from '../../published-decision.ts'
import { DryRun } from '../dry-run.ts'
import type { Service } from '../service.ts'

/** `POST /decisions`: records an operator's decision and tells what it changed, or would change. */
export const decisions: FastifyPluginAsyncTypebox<{ service: Service }> = async (
  app,
  { service }
) => {
  app.post(
    '/decisions',
    {
      schema: { body: DecisionBody, querystring: DryRun, response: { 200: PublishedDecision } },
      // It may tell of tens of thousands of identities, whose unions a compiled serialiser checks one by one.
      serializerCompiler: () => JSON.stringify
    },
    async ({ body, query: { dryRun } }) => {
      const asked = readDecision(body, service.canonicalPhone)
      const ledger = service.ledger()
      return publishDecision(await (dryRun ? ledger.supposeDecided(asked) : ledger.decide(asked)))
    }
  )
}
