import type { FastifyContextConfig, FastifySchema } from 'fastify'
import { ProblemDetails } from '../problem.ts'
import type { Operation } from './operations.ts'

/** When a status is answered, in words. */
const reasons: Readonly<Record<number, string>> = {
  400: 'The request is not acceptable; `errors`, if present, says where.',
  401: 'No key was sent, or the key is not known.',
  403: 'The key lacks the scope.',
  404: 'What the request names was not found.',
  408: 'The request took too long to arrive.',
  409: 'The request conflicts with what the ledger holds.',
  413: 'The body is too large.',
  415: 'The body has the wrong media type.',
  422: 'The Idempotency-Key was used with another body.',
  429: 'There were too many requests from this key or address.',
  500: 'An unexpected error occurred.',
  503: 'The service is starting, stopping or overloaded; send the request again.'
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
  return Object.fromEntries(statuses.map((status) => [status, refusal(status)]))
}

function refusal(status: number) {
  const later = status === 429 || status === 503
  return {
    description: reasons[status],
    ...(later && { headers: { 'retry-after': { type: 'integer', description: 'In seconds.' } } }),
    content: { 'application/problem+json': { schema: ProblemDetails } }
  }
}
