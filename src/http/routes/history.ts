import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { EventPage, publishPage } from '../../published-event.ts'
import { ContactParams } from '../contact-params.ts'
import { gone } from '../gone.ts'
import { paging } from '../paging.ts'
import type { Service } from '../service.ts'

/** `GET /contacts/:id/history`: all that happened to the identity of a contact, a page at a time. */
export const history: FastifyPluginAsyncTypebox<{ service: Service }> = async (
  app,
  { service }
) => {
  app.get(
    '/contacts/:id/history',
    {
      config: { needs: 'read' },
      schema: {
        params: ContactParams,
        querystring: Type.Object(paging),
        response: { 200: EventPage }
      }
    },
    async (request) => {
      const { params, query } = request
      const ledger = service.ledger().unless(gone(request))
      const found = await ledger.history(params.id, query.after, query.limit + 1)
      return publishPage(found, query.limit)
    }
  )
}
