import fp from 'fastify-plugin'
import type { Service } from '../service.ts'

/**
 * Every answer of a service that stops is the last on its connection, so that clients hang up in
 * good order: a connection that is cut may lose the answer that is still on its way.
 */
export const farewell = fp<{ service: Service }>(
  async (app, { service }) => {
    app.addHook('onSend', (_, reply, payload, done) => {
      if (service.state === 'stopping') reply.header('connection', 'close')
      done(null, payload)
    })
  },
  { name: 'farewell' }
)
