import { LedgerError } from './domain/errors.ts'
import { type Line, lineCutter } from './line-cutter.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * The lines of a text in UTF-8 that comes in pieces; each ends with a line feed, the last one need
 * not. No other character ends a line: JSON may hold those that do elsewhere, such as U+2028.
 * Throws `corrupt_log` when it is not UTF-8.
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const cutter = lineCutter(Number.POSITIVE_INFINITY)
  for await (const { buffer, byteOffset, byteLength } of pieces) {
    yield* cutter.cut(Buffer.from(buffer, byteOffset, byteLength)).map(textOf)
  }
  yield* cutter.end().map(textOf)
}

function textOf({ bytes }: Line): string {
  try {
    return decoder.decode(bytes ?? undefined)
  } catch {
    throw new LedgerError('corrupt_log', 'This is not UTF-8 text.')
  }
}
