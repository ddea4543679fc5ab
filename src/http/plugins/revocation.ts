import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { covers } from '../keyring.ts'
import type { AccessOptions } from './access.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Calls `end` when the key of a request that is still open is good for its route no more. */
    onRevoked(request: FastifyRequest, end: () => void): void
  }
}

/** How often the keys of what is open are looked at again, in ms. */
const interval = 1_000

/** Ends what goes on for long, a stream of events or a batch, with the key that it was begun with. */
export const revocation = fp<AccessOptions>(
  async (app, { keyOf }) => {
    const open = new Map<FastifyRequest, () => void>()

    const allowed = ({ headers, routeOptions }: FastifyRequest) => {
      const key = keyOf?.(headers.authorization) ?? null
      const { needs = 'any' } = routeOptions.config
      return key !== null && covers(key, needs)
    }
    const look = () => {
      for (const [request, end] of open) {
        if (allowed(request)) continue
        open.delete(request)
        end()
      }
    }

    app.decorate('onRevoked', (request: FastifyRequest, end: () => void) => {
      if (keyOf === null) return
      open.set(request, end)
      request.raw.once('close', () => open.delete(request))
    })
    if (keyOf === null) return
    const timer = setInterval(look, interval).unref()
    app.addHook('onClose', (_, done) => {
      clearInterval(timer)
      done()
    })
  },
  { name: 'revocation' }
)
