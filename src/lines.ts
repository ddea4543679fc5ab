import { LedgerError } from './domain/errors.ts'

/**
 * The lines of a text in UTF-8 that comes in pieces; each ends with a line feed, the last one need
 * not. No other character ends a line: JSON may hold those that do elsewhere, such as U+2028.
 * Throws `corrupt_log` when it is not UTF-8.
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + textOf(() => decoder.decode(piece, { stream: true }))).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  rest += textOf(() => decoder.decode())
  if (rest !== '') yield rest
}

function textOf(decode: () => string): string {
  try {
    return decode()
  } catch {
    throw new LedgerError('corrupt_log', 'This is no text in UTF-8.')
  }
}
