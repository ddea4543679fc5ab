import type { FastifyContextConfig, FastifySchema } from 'fastify'
import { ProblemDetails } from '../problem.ts'
import type { Operation } from './operations.ts'

/** When a status is answered, in words. */
const reasons: Readonly<Record<number, string>> = {
  400: 'What was sent is not acceptable; `errors` says where.',
  401: 'No key was sent, or one that is not known.',
  403: 'The key lacks the scope.',
  404: 'Nothing is known by that name.',
  408: 'The request took too long to arrive.',
  409: 'It contradicts what is known.',
  413: 'The body is too large.',
  415: 'The body is of another media type.',
  422: 'The Idempotency-Key was used with another body.',
  429: 'There were too many requests of this key or address.',
  500: 'Something unforeseen happened.',
  503: 'The service is starting, stopping or overloaded; send it again.'
}

/** The refusals that a route may answer, as responses of an OpenAPI document. */
export function refusalsOf(
  { refuses = [], alone, headers, sends }: Operation,
  { body, params, querystring }: FastifySchema,
  { needs = 'none', rateLimit }: FastifyContextConfig
): Record<number, object> {
  const takesBody = body !== undefined || sends !== undefined
  const reads = takesBody || [params, querystring, headers].some((part) => part !== undefined)
  const statuses = [
    ...refuses,
    ...(reads ? [400] : []),
    ...(takesBody ? [408, 413, 415] : []),
    ...(needs === 'none' ? [] : [401]),
    ...(needs === 'none' || needs === 'any' ? [] : [403]),
    ...(rateLimit === false ? [] : [429]),
    ...(alone ? [] : [503]),
    500
  ]
  return Object.fromEntries(statuses.sort().map((status) => [status, refusal(status)]))
}

function refusal(status: number) {
  const later = status === 429 || status === 503
  return {
    description: reasons[status],
    ...(later && { headers: { 'retry-after': { type: 'integer', description: 'In seconds.' } } }),
    content: { 'application/problem+json': { schema: ProblemDetails } }
  }
}
