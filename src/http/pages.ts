import helmet, { type FastifyHelmetOptions } from '@fastify/helmet'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsync } from 'fastify'

/** A page loads what this service serves, and nothing else from anywhere. */
const directives = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"]
}

/** The protection of what people open in a browser. */
export const protection: FastifyHelmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives },
  xFrameOptions: { action: 'deny' },
  // Whether there is TLS in front is known to whoever put it there.
  strictTransportSecurity: false
}

/**
 * What people open in a browser, under a strict content security policy. It is in a scope of its own,
 * so that answers to programs pay nothing for it. Pages need no key: they ask for one.
 */
export const pages: FastifyPluginAsync = async (app) => {
  await app.register(helmet, protection)
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'Identity ledger' },
    uiConfig: { tryItOutEnabled: true, displayRequestDuration: true }
  })
}
