import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { asOfPosition } from '../../as-of.ts'
import { IdentityGraph } from '../../identity-graph.ts'
import { asOf } from '../as-of.ts'
import { asTold } from '../as-told.ts'
import { ContactParams } from '../contact-params.ts'
import { gone } from '../gone.ts'
import type { Service } from '../service.ts'

/** `GET /identities/:id/graph`: the evidence of an identity, named by any of its contacts. */
export const identities: FastifyPluginAsyncTypebox<{ service: Service }> = async (
  app,
  { service }
) => {
  app.get(
    '/identities/:id/graph',
    {
      config: { needs: 'read' },
      schema: {
        params: ContactParams,
        querystring: Type.Object(asOf),
        response: { 200: IdentityGraph }
      }
    },
    async (request, reply) => {
      const { params, query } = request
      const ledger = service.ledger().unless(gone(request))
      const at = await asOfPosition(ledger, query.asOf, '/asOf')
      return asTold(reply, await ledger.graph(params.id, at))
    }
  )
}
