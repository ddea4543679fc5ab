import type { FastifyRequest } from 'fastify'

/** Tells whether the client of a request has hung up, so that nobody waits for the answer. */
export function gone({ raw }: Pick<FastifyRequest, 'raw'>): () => boolean {
  return () => raw.socket.destroyed
}
