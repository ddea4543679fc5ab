import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { Carriers } from '../../carriers.ts'
import { LedgerError } from '../../domain/errors.ts'
import { readIdentifier } from '../../observation.ts'
import type { Service } from '../service.ts'

const Params = Type.Object({ identifier: Type.String() })

/** `GET /identifiers/:identifier`: an identifier by itself, and the contacts that carry it. */
export const identifiers: FastifyPluginAsyncTypebox<{ service: Service }> = async (
  app,
  { service }
) => {
  app.get(
    '/identifiers/:identifier',
    { config: { needs: 'read' }, schema: { params: Params, response: { 200: Carriers } } },
    async ({ params }) => {
      const value = readIdentifier(params.identifier, service.canonicalPhone)
      const found = await service.ledger().carriers(value)
      if (found !== null) return found
      throw new LedgerError('not_found', 'Nothing is known about this identifier.')
    }
  )
}
