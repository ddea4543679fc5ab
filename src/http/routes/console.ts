import helmet from '@fastify/helmet'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LedgerError } from '../../domain/errors.ts'
import { type ConsoleFile, readConsole } from '../built-console.ts'
import { protection } from '../pages.ts'

/** It is asked for anew each time, and answered by 304 while it is the same. */
const freshness = 'no-cache'

/**
 * `GET /` and `/console/*`: the console's page and what it loads, from memory. It is open to all; what
 * it asks of the ledger takes a key where there are keys.
 */
export const consoleFiles: FastifyPluginAsyncTypebox<{ folder: string }> = async (
  app,
  { folder }
) => {
  await app.register(helmet, protection)
  const files = readConsole(folder)
  if (files === null) {
    app.get('/', () => {
      throw new LedgerError('not_found', 'The console is not built here; npm run build builds it.')
    })
    return
  }
  for (const file of files) {
    const path = file.name === 'index.html' ? '/' : `/console/${file.name}`
    app.get(path, (request, reply) => send(request, reply, file))
  }
}

function send({ headers: asked }: FastifyRequest, reply: FastifyReply, file: ConsoleFile) {
  reply.headers({ 'cache-control': freshness, etag: file.etag })
  const known = asked['if-none-match']?.split(',').map((etag) => etag.trim().replace(/^W\//, ''))
  if (known?.some((etag) => etag === file.etag || etag === '*')) return reply.code(304).send()
  return reply.type(file.type).send(file.body)
}
