import type { Observation } from '../../src/domain/decide.ts'
import type { Timestamp } from '../../src/domain/event.ts'
import {
  type CanonicalPhone,
  normaliseEmail,
  normalisePhone,
  type Refused
} from '../../src/domain/identifier.ts'
import type { Values } from '../../src/observation.ts'
import { readTime } from '../../src/read-time.ts'
import type { Columns } from './columns.ts'
import type { Row } from './table.ts'

/** What a row says was seen, and when; or what is wrong with it. */
export type Seen =
  | { readonly values: readonly Values[]; readonly observedAt: Observation['observedAt'] }
  | { readonly refused: string }

/**
 * What a row says was seen together. One bad value refuses all of it: what is mended later is then
 * whole, and none of it is on record already.
 */
export function seenIn(
  { cells, fault }: Row,
  columns: Columns,
  names: readonly string[],
  canonical: CanonicalPhone
): Seen {
  if (fault !== null) return { refused: fault }
  const faults: string[] = []
  const read = <T>(place: number, given: unknown, reader: (given: unknown) => T | Refused) => {
    const value = isBroken(given) ? { refused: 'must be valid UTF-8' } : reader(given)
    if (!isRefused(value)) return value
    faults.push(`${names[place]} ${value.refused}`)
    return null
  }
  const all = (places: readonly number[], reader: (given: unknown) => string | null | Refused) => {
    const values: string[] = []
    for (const place of places) {
      const cell = cells[place]
      for (const given of Array.isArray(cell) ? cell : [cell]) {
        const value = read(place, given, reader)
        if (value !== null && !values.includes(value)) values.push(value)
      }
    }
    return values
  }
  const emails = all(columns.email, normaliseEmail)
  const phones = all(columns.phone, (given) => normalisePhone(given, canonical))
  const observedAt = columns.time === null ? null : read(columns.time, cells[columns.time], timeIn)
  if (faults.length > 0) return { refused: faults.join('; ') }
  if (emails.length + phones.length === 0) return { refused: 'has neither an email nor a phone' }
  return { values: star(emails, phones), observedAt }
}

/**
 * The fewest pairs that join all values of a row, each of which the row holds: the first email with
 * every phone, the first phone with every other email. Where only one kind is there, nothing can join
 * them: an observation carries one of each.
 */
export function star(emails: readonly string[], phones: readonly string[]): Values[] {
  const [[firstEmail = null], [firstPhone = null]] = [emails, phones]
  const [, ...otherEmails] = emails
  const [, ...otherPhones] = phones
  return [
    { email: firstEmail, phoneNumber: firstPhone },
    ...otherPhones.map((phoneNumber) => ({ email: firstEmail, phoneNumber })),
    ...otherEmails.map((email) => ({ email, phoneNumber: firstPhone }))
  ]
}

/** A time in ISO 8601, or since 1970: ten digits are seconds, thirteen milliseconds. */
function timeIn(given: unknown): Timestamp | null | Refused {
  const text = typeof given === 'number' ? String(given) : (given ?? '')
  if (typeof text !== 'string') return { refused: 'must be a time' }
  const written = text.trim()
  if (written === '') return null
  if (/^\d{10}$/.test(written)) return Number(written) * 1_000
  if (/^\d{13}$/.test(written)) return Number(written)
  return (
    readTime(written) ?? {
      refused: 'must be a time in ISO 8601, or seconds or milliseconds since 1970'
    }
  )
}

/** Bytes that were no UTF-8 are read as this mark; two different values must not become one. */
function isBroken(given: unknown): boolean {
  return typeof given === 'string' && given.includes('\ufffd')
}

function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'refused' in value
}
