import fp from 'fastify-plugin'

/**
 * What answers say of themselves that a browser could be sent to, and a cache could keep: that they are
 * what their type says, and that nobody is to keep what was asked about people.
 */
export const answerHeaders = fp(
  async (app) => {
    app.addHook('onRequest', (request, reply, done) => {
      if (request.method === 'GET') {
        reply.header('x-content-type-options', 'nosniff')
        reply.header('cache-control', 'no-store')
      }
      done()
    })
  },
  { name: 'answer-headers' }
)
