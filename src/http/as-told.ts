import type { FastifyReply } from 'fastify'

/** Sends what is JSON in UTF-8 already as it is; the rest is for the route's schema to serialise. */
export function asTold<T>(reply: FastifyReply, answer: T | Uint8Array): T {
  if (answer instanceof Uint8Array) reply.type('application/json; charset=utf-8')
  // Bytes are not serialised again, so they never meet the schema of T.
  return answer as T
}

/** What was told, to be told otherwise. */
export function readTold<T>(answer: T | Uint8Array): T {
  return answer instanceof Uint8Array ? JSON.parse(new TextDecoder().decode(answer)) : answer
}
