import type { Value } from './decision.ts'
import type { Observation } from './domain/decide.ts'
import { LedgerError, type Problem } from './domain/errors.ts'
import {
  type CanonicalPhone,
  type Kind,
  normaliseEmail,
  normalisePhone,
  type Refused
} from './domain/identifier.ts'
import type { End } from './views.ts'

/** What a request gives, as it came. */
export type Given = { readonly email?: unknown; readonly phoneNumber?: unknown }

/** The longest that the source of an observation may be, in characters. */
export const longestSource = 100

/** The values of a request, normalised; null for what is absent. */
export type Values = Pick<Observation, 'email' | 'phoneNumber'>

/**
 * Normalises an email and a phone. Throws `invalid`, with all that is wrong, when one is malformed
 * or both are absent.
 */
export function normaliseValues(given: Given, canonical: CanonicalPhone): Values {
  if (typeof given !== 'object' || given === null) {
    throw new LedgerError('invalid', 'The email and the phone number are not acceptable.', [
      { path: '', message: 'must be an object with an email, a phoneNumber or both' }
    ])
  }
  const problems: Problem[] = []
  const accept = (path: string, value: string | null | Refused) => {
    if (value === null || typeof value === 'string') return value
    problems.push({ path, message: value.refused })
    return null
  }
  const email = accept('/email', normaliseEmail(given.email))
  const phoneNumber = accept('/phoneNumber', normalisePhone(given.phoneNumber, canonical))
  if (problems.length === 0 && email === null && phoneNumber === null) {
    problems.push({ path: '', message: 'must have an email or a phoneNumber' })
  }
  if (problems.length === 0) return { email, phoneNumber }
  throw new LedgerError('invalid', 'The email or the phone number is not acceptable.', problems)
}

/**
 * Reads an identifier, `email:a@b.c` or `phone:123`; says what is wrong with anything else.
 * `forms` are those that may be written.
 */
export function parseIdentifier(
  text: string,
  canonical: CanonicalPhone,
  forms = 'email:ADDRESS or phone:NUMBER'
): Value | Refused {
  const [, kind, rest] = /^(email|phone):(.*)$/s.exec(text) ?? []
  const value = kind === 'email' ? normaliseEmail(rest) : normalisePhone(rest, canonical)
  if (typeof value === 'string') return { kind: kind as Kind, value }
  return value ?? { refused: `must be ${forms}` }
}

/** Reads the `identifier` that is asked for. Throws `invalid`. */
export function readIdentifier(text: string, canonical: CanonicalPhone): Value {
  const value = parseIdentifier(text, canonical)
  if (!('refused' in value)) return value
  throw new LedgerError('invalid', 'The identifier is not acceptable.', [
    { path: '/identifier', message: value.refused }
  ])
}

/**
 * Reads one end of a question: `contact:11`, `email:a@b.c` or `phone:123`.
 * Throws `invalid`; `path` is where the problem is reported.
 */
export function parseEnd(text: string, path: string, canonical: CanonicalPhone): End {
  const [, digits] = /^contact:(\d{1,15})$/.exec(text) ?? []
  if (Number(digits) > 0) return { contact: Number(digits) }
  const end = parseIdentifier(text, canonical, 'contact:ID, email:ADDRESS or phone:NUMBER')
  if (!('refused' in end)) return end
  throw new LedgerError('invalid', 'The contact or identifier is not acceptable.', [
    { path, message: end.refused }
  ])
}
