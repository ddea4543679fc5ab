import type { FastifyReply } from 'fastify'

/** Tells whether the client of a request has hung up, so that nobody waits for the answer. */
export function gone({ raw }: FastifyReply): () => boolean {
  return () => raw.destroyed
}
