import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdentityGraph } from '../../identity-graph.ts'
import { ContactParams } from '../contact-params.ts'
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
      schema: { params: ContactParams, response: { 200: IdentityGraph } }
    },
    async ({ params: { id } }) => service.ledger().graph(id)
  )
}
