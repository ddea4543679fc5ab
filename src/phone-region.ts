import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString
} from 'libphonenumber-js/max'
import type { CanonicalPhone } from './domain/identifier.ts'

/** Whether libphonenumber knows a region by this ISO 3166 code. */
export function isRegion(code: string): code is CountryCode {
  return isSupportedCountry(code)
}

/**
 * Turns numbers that are valid, read as dialled in a region, into E.164, so that `7029191300` and
 * `+17029191300` meet. Others stay as they are; without a region all do.
 */
export function canonicalPhone(region: CountryCode | null): CanonicalPhone {
  if (region === null) return (phoneNumber) => phoneNumber
  return (phoneNumber) => {
    const parsed = parsePhoneNumberFromString(phoneNumber, region)
    return parsed?.isValid() ? parsed.number : phoneNumber
  }
}
