import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Origin } from '../../domain/event.ts'
import { readTraceparent } from '../traceparent.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The `traceparent` that was sent with it; null when none was. */
    correlationId: string | null
  }
}

/**
 * Names each request to its caller: by an id of ours, `x-request-id`, and by the `traceparent` that
 * came with it. Both stand in the log line of the request and with the events that it brings about.
 */
export const origin = fp(
  async (app) => {
    app.decorateRequest('correlationId', null)
    app.addHook('onRequest', (request, reply, done) => {
      reply.header('x-request-id', request.id)
      const correlationId = readTraceparent(request.headers['traceparent'])
      if (correlationId !== null) {
        request.correlationId = correlationId
        reply.header('traceparent', correlationId)
      }
      done()
    })
  },
  { name: 'origin' }
)

/** What is kept of a request with the events that it brings about. */
export function originOf({ id: requestId, correlationId }: FastifyRequest): Origin {
  return correlationId === null ? { requestId } : { requestId, correlationId }
}
