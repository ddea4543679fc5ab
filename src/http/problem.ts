import { STATUS_CODES } from 'node:http'
import { type Static, Type } from '@sinclair/typebox'
import { LedgerError, type LedgerErrorCode, type Problem } from '../domain/errors.ts'

/** Problem details (RFC 9457). `errors` says what is wrong with a bad request, by JSON pointer. */
export const ProblemDetails = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() })))
})
export type ProblemDetails = Static<typeof ProblemDetails>

/** The one table from the ledger's refusals to HTTP. */
const statusOf: Readonly<Record<LedgerErrorCode, number>> = {
  invalid: 400,
  not_found: 404,
  conflict: 409,
  key_reused: 422,
  overloaded: 503,
  unavailable: 503,
  cannot_open: 503,
  corrupt_log: 500
}

/** What Fastify refuses before a handler is asked, in our words: none of its own are shown. */
const refusals: Readonly<Record<string, { status: number; detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, detail: 'The body has more than 16 KiB.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    detail: 'Send the body as application/json in UTF-8, without a content encoding.'
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, detail: 'The body is empty; JSON was expected.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, detail: 'The body is not valid JSON.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    detail: 'The body is not as long as its Content-Length says.'
  },
  RATE_LIMITED: { status: 429, detail: 'Too many requests; Retry-After says when to retry.' },
  FST_ERR_BAD_URL: { status: 400, detail: 'The URL is not valid.' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 400, detail: 'A part of the URL is too long.' }
}

/** Problem details of a status, in our own words. */
export function problem(
  status: number,
  detail: string,
  errors: readonly Problem[] = []
): ProblemDetails {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(errors.length > 0 ? { errors: [...errors] } : {})
  }
}

/**
 * What the caller is told of an error. Only the ledger's own refusals speak for themselves;
 * anything unforeseen is a 500 that says nothing.
 */
export function problemOf(error: unknown): ProblemDetails {
  if (error instanceof LedgerError) {
    return problem(statusOf[error.code], error.message, error.problems)
  }
  if (!(error instanceof Error)) return problem(500, 'Something went wrong.')
  const { code = '', statusCode = 500 } = error as FastifyLike
  const refusal = refusals[code]
  if (refusal !== undefined) return problem(refusal.status, refusal.detail)
  if (statusCode >= 400 && statusCode < 500) {
    return problem(statusCode, 'The request is not acceptable.')
  }
  return problem(500, 'Something went wrong.')
}

type FastifyLike = Error & { readonly code?: string; readonly statusCode?: number }
