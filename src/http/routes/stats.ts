import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Stats } from '../../stats.ts'
import type { Service } from '../service.ts'

/** `GET /stats`: what the ledger holds, in numbers. */
export const stats: FastifyPluginAsyncTypebox<{ service: Service }> = async (app, { service }) => {
  app.get('/stats', { config: { needs: 'read' }, schema: { response: { 200: Stats } } }, () =>
    service.ledger().stats()
  )
}
