import type { Timestamp } from './domain/event.ts'

const form = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/

/**
 * Reads a day or a time in ISO 8601, in UTC where it says nothing else; a blank may stand for the
 * `T`. Null when it is neither, or no such day exists.
 */
export function readTime(text: string): Timestamp | null {
  const [, year, month, day, zone] = form.exec(text) ?? []
  if (year === undefined) return null
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number(day) > lastDay) return null
  const time = Date.parse(text.length === 10 || zone !== undefined ? text : `${text}Z`)
  return Number.isNaN(time) ? null : time
}
