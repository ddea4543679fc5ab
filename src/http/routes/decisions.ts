import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { DecisionBody, readDecision } from '../../decision-body.ts'
import { LedgerError } from '../../domain/errors.ts'
import { PublishedDecision, publishDecision } from '../../published-decision.ts'
import { asTold } from '../as-told.ts'
import { DryRun } from '../dry-run.ts'
import { gone } from '../gone.ts'
import { originOf } from '../plugins/origin.ts'
import type { Service } from '../service.ts'

/** `POST /decisions`: records an operator's decision and tells what it changed, or would change. */
export const decisions: FastifyPluginAsyncTypebox<{ service: Service }> = async (
  app,
  { service }
) => {
  app.post(
    '/decisions',
    {
      config: { needs: 'decide' },
      preValidation: sign,
      schema: { body: DecisionBody, querystring: DryRun, response: { 200: PublishedDecision } },
      // It may tell of tens of thousands of identities, whose unions a compiled serialiser checks one by one.
      serializerCompiler: () => JSON.stringify
    },
    async (request, reply) => {
      const { body, query } = request
      const said = readDecision(body, service.canonicalPhone)
      const asked = { origin: originOf(request), ...said }
      const ledger = service.ledger()
      const made = await (query.dryRun
        ? ledger.unless(gone(request)).supposeDecided(asked)
        : ledger.decide(asked))
      return asTold(reply, made instanceof Uint8Array ? made : publishDecision(made))
    }
  )
}

/** A decision is its key's: the actor may be left out, and can be nobody else. */
function sign({ key, body }: FastifyRequest, _: FastifyReply, done: (error?: Error) => void) {
  if (key === null || typeof body !== 'object' || body === null) return done()
  const { actor = key.name } = body as { actor?: unknown }
  if (typeof actor !== 'string' || actor.trim() === key.name) {
    Object.assign(body, { actor })
    return done()
  }
  done(
    new LedgerError('invalid', 'The decision is not acceptable.', [
      { path: '/actor', message: `must be ${key.name}, the name of the key, or be left out` }
    ])
  )
}
