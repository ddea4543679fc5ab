import { METHODS } from 'node:http'
import fp from 'fastify-plugin'
import { problem } from '../problem.ts'
import { sendProblem } from './problems.ts'

/**
 * Answers 405, with `Allow`, where a path is known but not by that method. It collects the routes
 * that are registered after it; the returned plugin, registered last, closes the list.
 */
export function methods() {
  const known = new Map<string, Set<string>>()

  const collect = fp(
    async (app) => {
      app.addHook('onRoute', ({ url, method }) => {
        const here = known.get(url) ?? new Set()
        for (const one of [method].flat()) here.add(one)
        known.set(url, here)
      })
    },
    { name: 'methods' }
  )

  const refuseOthers = fp(
    async (app) => {
      for (const method of METHODS) {
        if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
      }
      for (const [url, here] of [...known]) {
        const allow = [...here].join(', ')
        app.route({
          url,
          method: app.supportedMethods.filter((method) => !here.has(method)),
          config: { needs: 'none' },
          schema: { hide: true },
          onRequest: async (_, reply) =>
            sendProblem(
              reply.header('allow', allow),
              problem(405, `This path takes ${allow} only.`)
            ),
          handler: async () => {}
        })
      }
    },
    { name: 'method-not-allowed', dependencies: ['methods'] }
  )

  return { collect, refuseOthers }
}
