import { isUtf8 } from 'node:buffer'
import { type Static, Type } from '@sinclair/typebox'
import type { Observation } from '../domain/decide.ts'
import { LedgerError } from '../domain/errors.ts'
import { orNull } from '../domain/event.ts'
import type { CanonicalPhone } from '../domain/identifier.ts'
import { normaliseValues } from '../observation.ts'
import { readTime } from '../read-time.ts'
import { ToldBeside } from '../told-beside.ts'
import { Body } from './routes/identify.ts'
import { checkOf } from './validate.ts'

/** A line of a batch: what `/identify` takes, and what its header and its clock say there. */
export const BatchLine = Type.Composite([
  Body,
  Type.Pick(ToldBeside, ['idempotencyKey', 'source']),
  Type.Object({
    observedAt: Type.Optional(orNull(Type.String({ description: 'a time in ISO 8601' })))
  })
])
export type BatchLine = Static<typeof BatchLine>

const check = checkOf(BatchLine)

/** Reads a line; null when it is blank. Throws `invalid`. */
export function readBatchLine(bytes: Buffer, canonical: CanonicalPhone): Observation | null {
  if (!isUtf8(bytes)) throw new LedgerError('invalid', 'The line is not valid UTF-8.')
  const text = bytes.toString()
  if (text.trim() === '') return null
  const line = parsed(text)
  const problems = check(line)
  if (problems.length > 0) {
    throw new LedgerError('invalid', 'The line is not acceptable.', problems)
  }
  const { idempotencyKey = null, source, observedAt = null, ...given } = line as BatchLine
  return {
    source: source ?? 'http',
    idempotencyKey,
    observedAt: observedAt === null ? null : timeIn(observedAt),
    ...normaliseValues(given, canonical)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new LedgerError('invalid', 'The line is not valid JSON.')
  }
}

function timeIn(text: string): number {
  const time = readTime(text)
  if (time !== null) return time
  throw new LedgerError('invalid', 'The line is not acceptable.', [
    { path: '/observedAt', message: 'must be a time in ISO 8601, such as 2026-01-31T12:00:00Z' }
  ])
}
