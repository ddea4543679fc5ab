import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/**
 * One line a request, once it is answered. It names the route, never the URL: an email or a phone
 * must not reach a log.
 */
export const requestLog = fp(
  async (app) => {
    app.addHook('onResponse', (request, reply, done) => {
      logRequest(request, reply)
      done()
    })
  },
  { name: 'request-log' }
)

/** Writes the line of a request; for one whose answer is cut short, nobody else does. */
export function logRequest(request: FastifyRequest, reply: FastifyReply) {
  request.log.info(
    {
      reqId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 1_000) / 1_000
    },
    'request'
  )
}
