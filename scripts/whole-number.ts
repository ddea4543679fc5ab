import { LedgerError } from '../src/domain/errors.ts'

/** Reads a whole number that was given for something. Throws `invalid` when it is none, or too low. */
export function wholeNumber(what: string, text: string, least: number): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : -1
  if (number >= least && Number.isSafeInteger(number)) return number
  throw new LedgerError(
    'invalid',
    `The ${what} must be a whole number from ${least}, not "${text}".`
  )
}
