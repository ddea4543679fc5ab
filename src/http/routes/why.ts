import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { asOfPosition } from '../../as-of.ts'
import { parseEnd } from '../../observation.ts'
import { PublishedWhy, publishWhy } from '../../published-why.ts'
import { asOf } from '../as-of.ts'
import { asTold } from '../as-told.ts'
import { gone } from '../gone.ts'
import { forgivePlus } from '../query.ts'
import type { Service } from '../service.ts'

const Ends = Type.Object({ from: Type.String(), to: Type.String(), ...asOf })

/** `GET /why`: the evidence that two contacts or identifiers are one person, or why they are not. */
export const why: FastifyPluginAsyncTypebox<{ service: Service }> = async (app, { service }) => {
  app.get(
    '/why',
    {
      config: { needs: 'read' },
      schema: { querystring: Ends, response: { 200: PublishedWhy } }
    },
    async (request, reply) => {
      const { query } = request
      const end = (text: string, path: string) =>
        parseEnd(forgivePlus(text), path, service.canonicalPhone)
      const ends = [end(query.from, '/from'), end(query.to, '/to')] as const
      const ledger = service.ledger().unless(gone(request))
      const at = await asOfPosition(ledger, query.asOf, '/asOf')
      const found = await ledger.why(...ends, at)
      return asTold(reply, found instanceof Uint8Array ? found : publishWhy(found))
    }
  )
}
