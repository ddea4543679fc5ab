import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { HttpMetrics } from '../metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What the answers are counted by; null where nobody counts. */
    readonly metrics: HttpMetrics | null
  }
}

/**
 * One line a request, once it is answered, and a place in the metrics. They name the route, never
 * the URL: an email or a phone must not reach a log.
 */
export const requestLog = fp<{ metrics: HttpMetrics | null }>(
  async (app, { metrics }) => {
    app.decorate('metrics', metrics)
    app.addHook('onResponse', (request, reply, done) => {
      logRequest(request, reply)
      done()
    })
  },
  { name: 'request-log' }
)

/** Writes the line of a request, and counts it; for one whose answer is cut short, nobody else does. */
export function logRequest(request: FastifyRequest, reply: FastifyReply) {
  const { id: reqId, method, server, correlationId } = request
  const { url: route = null } = request.routeOptions
  const { statusCode: status, elapsedTime } = reply
  const ms = Math.round(elapsedTime * 1_000) / 1_000
  const line = { reqId, method, route, status, ms, ...(correlationId && { correlationId }) }
  request.log.info(line, 'request')
  server.metrics?.answered(method, route, status, elapsedTime / 1_000)
}
