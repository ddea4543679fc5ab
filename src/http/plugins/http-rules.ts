import fp from 'fastify-plugin'
import { LedgerError } from '../../domain/errors.ts'
import { problem } from '../problem.ts'

/** What Node itself would refuse with an empty answer is refused by problem details. */
export const httpRules = fp(
  async (app) => {
    app.addHook('onRequest', (request, _, done) => {
      const { httpVersion, headers } = request.raw
      const lost = httpVersion === '1.1' && headers.host === undefined
      done(lost ? new LedgerError('invalid', 'HTTP/1.1 needs a Host header.') : undefined)
    })

    app.server.on('checkExpectation', (_, response) => {
      response.writeHead(417, { 'content-type': 'application/problem+json; charset=utf-8' })
      response.end(JSON.stringify(problem(417, 'The only supported expectation is 100-continue.')))
    })
  },
  { name: 'http-rules' }
)
