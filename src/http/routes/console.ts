import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LedgerError } from '../../domain/errors.ts'
import { type ConsoleFile, readConsole } from '../console-files.ts'

/**
 * What the page may do: run its own script and style, and ask its own service. Nothing that stands in
 * an answer can become a script, and nothing can be fetched from another host.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Asked for anew each time, and answered by 304 while it is the same.
  'cache-control': 'no-cache'
}

/** `GET /` and `/console/*`: the console's page and what it loads, from memory. */
export const consoleFiles: FastifyPluginAsyncTypebox<{ folder: string }> = async (
  app,
  { folder }
) => {
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
  reply.headers({ ...headers, etag: file.etag })
  const known = asked['if-none-match']?.split(',').map((etag) => etag.trim().replace(/^W\//, ''))
  if (known?.some((etag) => etag === file.etag || etag === '*')) return reply.code(304).send()
  return reply.type(file.type).send(file.body)
}
