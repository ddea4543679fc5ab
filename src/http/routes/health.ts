import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { Service } from '../service.ts'

export const Live = Type.Object({ status: Type.String() })
export const Ready = Type.Object({
  status: Type.String(),
  /** The position of the last event in the log. */
  head: Type.Integer(),
  /** The position of the last event in the read model. */
  readModel: Type.Integer()
})

/** For whoever supervises the process: is it alive, and does it take requests? */
export const health: FastifyPluginAsyncTypebox<{ service: Service }> = async (app, { service }) => {
  app.get(
    '/health/live',
    { config: { rateLimit: false }, schema: { response: { 200: Live } } },
    async () => ({
      status: service.state
    })
  )

  app.get(
    '/health/ready',
    { config: { rateLimit: false }, schema: { response: { 200: Ready } } },
    async () => {
      const status = await service.ledger().status()
      return { status: service.state, ...status }
    }
  )
}
