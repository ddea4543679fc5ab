import fp from 'fastify-plugin'

/**
 * One line a request, once it is answered. It names the route, never the URL: an email or a phone
 * must not reach a log.
 */
export const requestLog = fp(
  async (app) => {
    app.addHook('onResponse', (request, reply, done) => {
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
      done()
    })
  },
  { name: 'request-log' }
)
