import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Exposition } from '../metrics.ts'

/** `GET /metrics`: numbers for Prometheus, in its text format. Any key will do. */
export const metrics: FastifyPluginAsyncTypebox<{ exposition: Exposition }> = async (
  app,
  { exposition }
) => {
  app.get('/metrics', { config: { needs: 'any', rateLimit: false } }, async (_, reply) => {
    return reply.type(exposition.contentType).send(await exposition.text())
  })
}
