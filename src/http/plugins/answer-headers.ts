import fp from 'fastify-plugin'

/**
 * What every answer says of itself: that it is what its type says, and that nobody is to keep what was
 * asked about people.
 */
export const answerHeaders = fp(
  async (app) => {
    app.addHook('onRequest', (request, reply, done) => {
      reply.header('x-content-type-options', 'nosniff')
      // Answers to other methods are not kept anyway (RFC 9111).
      if (request.method === 'GET') reply.header('cache-control', 'no-store')
      done()
    })
  },
  { name: 'answer-headers' }
)
