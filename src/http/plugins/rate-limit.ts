import limiter, { normalizeIP } from '@fastify/rate-limit'
import fp from 'fastify-plugin'

/**
 * Answers 429 once a key, or an address that sends none, has used up its requests of a minute; null
 * is no limit. It counts what is asked of the routes that are registered after it.
 */
export const rateLimit = fp<{ requestsPerMinute: number | null }>(
  async (app, { requestsPerMinute }) => {
    if (requestsPerMinute === null) return
    await app.register(limiter, {
      max: requestsPerMinute,
      timeWindow: '1 minute',
      keyGenerator: ({ key, ip }) => (key === null ? normalizeIP(ip) : `key ${key.name}`),
      errorResponseBuilder: () => Object.assign(new Error(), { code: 'RATE_LIMITED' })
    })
  },
  { name: 'rate-limit', dependencies: ['recognition'] }
)
