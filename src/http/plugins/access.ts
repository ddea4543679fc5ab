import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { covers, type Key, type KeyOf, type Needs } from '../keyring.ts'
import { problem } from '../problem.ts'
import { sendProblem } from './problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route needs of whoever asks. */
    readonly needs?: Needs
  }
  interface FastifyRequest {
    /** The key that was sent; null when none was, or when the service has no keys. */
    key: Key | null
  }
}

/** `keyOf` is null for a service without keys, which is open to all who reach it. */
export type AccessOptions = { readonly keyOf: KeyOf | null }

/** Finds out who asks, whether or not it takes a key to be answered. */
export const recognition = fp<AccessOptions>(
  async (app, { keyOf }) => {
    app.decorateRequest('key', null)
    if (keyOf === null) return
    app.addHook('onRequest', (request, _, done) => {
      request.key = keyOf(request.headers.authorization)
      done()
    })
  },
  { name: 'recognition' }
)

/**
 * Answers 401 and 403 (RFC 6750) at the routes that are registered after it. Each of them must say
 * what it needs: none is left open by an oversight.
 */
export const access = fp<AccessOptions>(
  async (app, { keyOf }) => {
    app.addHook('onRoute', (route) => {
      const { needs } = route.config ?? {}
      if (needs === undefined) throw new Error(`${route.url} does not say which scope it needs`)
      if (keyOf !== null && needs !== 'none') guard(route, needs)
    })
  },
  { name: 'access', dependencies: ['recognition'] }
)

/** Puts the check behind the hooks that the route has, such as the one that counts requests. */
function guard(route: RouteOptions, needs: Needs) {
  const check = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const { key } = request
    if (key === null) return refuseStranger(request, reply)
    if (covers(key, needs)) return done()
    reply.header('www-authenticate', `Bearer error="insufficient_scope", scope="${needs}"`)
    sendProblem(reply, problem(403, `The key ${key.name} lacks the scope ${needs}.`))
  }
  route.onRequest = [...[route.onRequest ?? []].flat(), check]
}

function refuseStranger({ headers }: FastifyRequest, reply: FastifyReply) {
  const sent = headers.authorization !== undefined
  reply.header('www-authenticate', sent ? 'Bearer error="invalid_token"' : 'Bearer')
  const detail = sent
    ? 'The key is not known, or was revoked.'
    : 'Send a key: Authorization: Bearer idl_…'
  sendProblem(reply, problem(401, detail))
}
