import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { refuseSoon } from '../../admission.ts'
import { Identity } from '../../domain/answer.ts'
import { LedgerError } from '../../domain/errors.ts'
import { isIdempotencyKey, keyForm } from '../../idempotency-key.ts'
import { normaliseValues } from '../../observation.ts'
import { asTold } from '../as-told.ts'
import { DryRun } from '../dry-run.ts'
import { gone } from '../gone.ts'
import { originOf } from '../plugins/origin.ts'
import { sendProblem } from '../plugins/problems.ts'
import { problemOf } from '../problem.ts'
import type { Service } from '../service.ts'

/** What `/identify` takes, before it is normalised. */
export const Body = Type.Object({
  email: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  phoneNumber: Type.Optional(Type.Union([Type.String(), Type.Integer(), Type.Null()]))
})

/**
 * `POST /identify`: records what was seen together and answers the identity that holds it; a dry run
 * answers the same and records nothing.
 */
export const identify: FastifyPluginAsyncTypebox<{ service: Service }> = async (
  app,
  { service }
) => {
  app.post(
    '/identify',
    {
      config: { needs: 'identify' },
      schema: { body: Body, querystring: DryRun, response: { 200: Identity } },
      // Reading what will be refused takes the time of those who are let in.
      onRequest: (_, reply, done) => {
        if (service.state !== 'ready' || !service.ledger().full()) return done()
        refuseSoon((refusal) => sendProblem(reply, problemOf(refusal)))
      }
    },
    async (request, reply) => {
      const idempotencyKey = keyOf(request.headers['idempotency-key'])
      const values = normaliseValues(request.body, service.canonicalPhone)
      const ledger = service.ledger()
      const origin = originOf(request)
      const asked = { source: 'http', idempotencyKey, observedAt: null, origin, ...values }
      if (!request.query.dryRun) return ledger.observe(asked)
      return asTold(reply, await ledger.unless(gone(request)).supposeObserved(asked))
    }
  )
}

function keyOf(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  if (typeof header === 'string' && isIdempotencyKey(header)) return header
  throw new LedgerError('invalid', 'The Idempotency-Key is not acceptable.', [
    { path: '/headers/idempotency-key', message: `must be ${keyForm.words}` }
  ])
}
