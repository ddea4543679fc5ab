import { LedgerError } from './domain/errors.ts'
import type { Position, Timestamp } from './domain/event.ts'
import type { Ledger } from './ledger.ts'
import { readTime } from './read-time.ts'

/** A point of the past: a position of the log, or a time in ms. */
type AsOf = { readonly position: Position | 0 } | { readonly time: Timestamp }

/**
 * Reads `asOf`: a position, or a time in ISO 8601 (UTC where it says nothing else).
 * Throws `invalid`; `path` is where the problem is reported.
 */
function parseAsOf(text: string, path: string): AsOf {
  if (/^\d{1,15}$/.test(text)) return { position: Number(text) }
  const time = readTime(text)
  if (time !== null) return { time }
  throw new LedgerError('invalid', 'The point in time is not acceptable.', [
    { path, message: 'must be a position or a time in ISO 8601, such as 2026-01-31T12:00:00Z' }
  ])
}

/**
 * The position that `asOf` means, undefined where it is not given. A time means the last event
 * recorded until then; a position beyond the head means the head. The `+` of an offset arrives as a
 * blank when a URL is written carelessly: it is read behind a clock time, where no other blank may
 * stand. Throws `invalid`.
 */
export async function asOfPosition(
  ledger: Pick<Ledger, 'positionAt'>,
  text: string | undefined,
  path: string
): Promise<Position | 0 | undefined> {
  if (text === undefined) return undefined
  const point = parseAsOf(text.replace(/(?<=\d\d:\d\d.*) (?=\d\d:?\d\d$)/, '+'), path)
  return 'position' in point ? point.position : ledger.positionAt(point.time)
}
