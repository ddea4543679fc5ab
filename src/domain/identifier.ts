import { type Static, Type } from '@sinclair/typebox'
import type { IdentifierNumber } from './event.ts'

/** What can tell people apart: an email address or a phone number. */
export const Kind = Type.Union([Type.Literal('email'), Type.Literal('phone')])
export type Kind = Static<typeof Kind>

/** A normalised email or phone, and the number by which events refer to it. */
export type Identifier = {
  readonly number: IdentifierNumber
  readonly kind: Kind
  readonly value: string
}

/** Gives a phone number its canonical form where it knows one, else gives it back as it is. */
export type CanonicalPhone = (phoneNumber: string) => string

/** A value that was refused: the reason, in words for the sender. */
export type Refused = { readonly refused: string }

const longestEmail = 254
const plain = /^\+?[0-9]{1,20}$/

/**
 * An email, trimmed and lower-cased; null when absent (null, undefined or blank).
 * No folding of plus-tags or dots: whether two spellings reach one mailbox, only its host knows.
 */
export function normaliseEmail(given: unknown): string | null | Refused {
  if (given === null || given === undefined) return null
  if (typeof given !== 'string') return { refused: 'must be a string or null' }
  const email = given.trim().toLowerCase()
  if (email === '') return null
  if (email.length > longestEmail)
    return { refused: `must have at most ${longestEmail} characters` }
  if (/[\s\p{Cc}]/u.test(email)) return { refused: 'must not contain blanks or control characters' }
  if (!email.isWellFormed()) return { refused: 'must be valid Unicode' }
  if (!/^[^@]+@[^@]+$/.test(email)) {
    return { refused: 'must have exactly one @ with something on both sides' }
  }
  return email
}

/**
 * A phone number as digits with an optional leading `+`; null when absent (null, undefined or
 * blank). `canonical` may know a better form, such as E.164.
 */
export function normalisePhone(given: unknown, canonical: CanonicalPhone): string | null | Refused {
  if (given === null || given === undefined) return null
  if (typeof given === 'number') {
    if (!Number.isSafeInteger(given) || given < 0) {
      return { refused: 'must be a string, a non-negative safe integer, or null' }
    }
  } else if (typeof given !== 'string') {
    return { refused: 'must be a string, a non-negative safe integer, or null' }
  }
  const written = String(given)
  if (written.trim() === '') return null
  const phoneNumber = plain.test(written) ? written : written.replace(/[\s\p{Pd}./()]/gu, '')
  if (!plain.test(phoneNumber)) {
    return {
      refused:
        'must have 1 to 20 digits beside blanks, dashes, dots, slashes, parentheses, a leading +'
    }
  }
  return canonical(phoneNumber)
}

/** An identifier as the outside writes it. */
export const IdentifierName = Type.String({ description: 'email:ADDRESS or phone:NUMBER' })

/** The name of an identifier: `email:a@b.c` or `phone:123`. */
export function nameOf(identifier: Pick<Identifier, 'kind' | 'value'>): string {
  return `${identifier.kind}:${identifier.value}`
}
