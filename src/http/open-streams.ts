import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LedgerError } from '../domain/errors.ts'

/** How many streams may be open at once. */
const mostOpen = 1_000

/**
 * Keeps the streams of an app that never end by themselves. The returned function enters the answer
 * to a request; its signal aborts when the client has gone, when its key is revoked, and when the
 * app closes, which then has nothing to wait for. Throws `overloaded` when there are too many.
 */
export function openStreams(app: FastifyInstance): (request: FastifyRequest) => AbortSignal {
  const open = new Set<AbortController>()

  app.addHook('preClose', async () => {
    for (const end of open) end.abort()
  })

  return (request) => {
    const { raw } = request
    if (open.size >= mostOpen) throw new LedgerError('overloaded', 'Too many streams are open.')
    const end = new AbortController()
    open.add(end)
    app.onRevoked(request, () => end.abort())
    // The response to a pipelined request is never told that its connection has closed.
    raw.once('close', () => {
      open.delete(end)
      end.abort()
    })
    return end.signal
  }
}
