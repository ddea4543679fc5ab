import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { type ProblemDetails, problem, problemOf } from '../problem.ts'

/** How long a client that came at a bad time should wait, in seconds. */
const retryAfter = 1

/** Every error and every unknown path is answered by problem details (RFC 9457). */
export const problems = fp(
  async (app) => {
    app.setErrorHandler((error, request, reply) => {
      const told = problemOf(error)
      if (told.status >= 500 && told.status !== 503) {
        request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed')
      }
      return sendProblem(reply, told)
    })

    const preHandler = app.hasDecorator('rateLimit') ? app.rateLimit() : []
    app.setNotFoundHandler({ preHandler }, (_, reply) =>
      sendProblem(reply, problem(404, 'There is nothing at this path.'))
    )
  },
  { name: 'problems' }
)

/** Answers a request with problem details; a 503 says when to come back. */
export function sendProblem(reply: FastifyReply, told: ProblemDetails) {
  if (told.status === 503) reply.header('retry-after', retryAfter)
  return reply.code(told.status).type('application/problem+json').send(told)
}
