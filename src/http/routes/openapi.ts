import type { FastifyPluginAsync } from 'fastify'

/** `GET /openapi.json`: the API as OpenAPI 3.1, open to all: it tells nothing of the ledger. */
export const openapiDocument: FastifyPluginAsync = async (app) => {
  let document: string | undefined
  app.get('/openapi.json', { config: { needs: 'none' } }, async (_, reply) => {
    document ??= JSON.stringify(app.swagger())
    return reply.type('application/json').send(document)
  })
}
