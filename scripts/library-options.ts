import { Type } from '@sinclair/typebox'
import { LedgerError } from '../src/domain/errors.ts'
import type { ContactId, Origin, Position } from '../src/domain/event.ts'
import { Paging, paging } from '../src/http/paging.ts'
import { type Check, checkOf } from '../src/http/validate.ts'
import { ToldBeside } from '../src/told-beside.ts'

/** What is told beside the values that were seen. */
export type Observing = Origin & {
  readonly idempotencyKey?: string
  /** Where it was seen; `library` unless told. */
  readonly source?: string
  readonly observedAt?: Date
  /** Only tells what would be answered. */
  readonly dryRun?: boolean
}

/** A point of the past: a position of the log, or a time. */
export type AsOf = { readonly asOf?: Position | Date }

/** Which part of a list of events: `limit` (100 unless told, 1,000 at most) after a position. */
export type Page = { readonly after?: Position | 0; readonly limit?: number }

const optionProblems = checkOf(ToldBeside)
const pageProblems = checkOf(Paging)
/** The point itself is read as a route reads it. */
const momentProblems = checkOf(Type.Object({}))

/** Checks the options that go on record; what it does not know it ignores. Throws `invalid`. */
export function checkOptions(options: Observing) {
  mustPass(optionProblems, options)
}

/** The origin among options that are checked. */
export function originIn(options: Origin): Origin {
  const { requestId, correlationId } = options
  return { ...(requestId && { requestId }), ...(correlationId && { correlationId }) }
}

/** A contact's id. Throws `invalid`. */
export function idIn(contact: ContactId): ContactId {
  if (Number.isSafeInteger(contact) && contact > 0) return contact
  throw new LedgerError('invalid', 'The id of the contact is not acceptable.', [
    { path: '/contact', message: 'must be a whole number above 0' }
  ])
}

/** Which page is asked for. Throws `invalid`. */
export function pageOf(page: Page = {}): Required<Page> {
  mustPass(pageProblems, page)
  const { after = paging.after.default, limit = paging.limit.default } = page
  return { after, limit }
}

/** The point of the past that is asked for, as a route takes it. Throws `invalid`. */
export function momentIn(at: AsOf = {}): string | undefined {
  mustPass(momentProblems, at)
  return at.asOf instanceof Date
    ? new Date(timeOf(at.asOf, '/asOf')).toISOString()
    : at.asOf?.toString()
}

/** A time in ms. Throws `invalid`. */
export function timeOf(date: Date, path = '/observedAt'): number {
  const time = date instanceof Date ? date.getTime() : Number.NaN
  if (!Number.isNaN(time)) return time
  throw new LedgerError('invalid', 'The time is not acceptable.', [
    { path, message: 'must be a valid date' }
  ])
}

function mustPass(check: Check, options: unknown) {
  const problems = check(options)
  if (problems.length === 0) return
  throw new LedgerError('invalid', 'The options are not acceptable.', problems)
}
