import { isUtf8 } from 'node:buffer'
import { type Line, lineCutter } from '../../src/line-cutter.ts'

/** How long a line may be, in bytes. */
const longestLine = 1024 * 1024

/** A line that holds an object, or why it holds none and how it is written. */
export type ParsedLine = { readonly line: number } & (
  | { readonly object: Readonly<Record<string, unknown>> }
  | { readonly fault: string; readonly text: string }
)

/** The lines of NDJSON that are not blank, as many together as a piece of it holds. */
export async function* ndjsonLines(
  pieces: AsyncIterable<Buffer>
): AsyncGenerator<readonly ParsedLine[]> {
  const cutter = lineCutter(longestLine)
  for await (const piece of pieces) yield cutter.cut(piece).flatMap(parsed)
  yield cutter.end().flatMap(parsed)
}

function parsed({ number: line, bytes }: Line): ParsedLine | [] {
  if (bytes === null) return { line, fault: 'the line has more than 1 MiB', text: '' }
  const text = bytes.toString().replace(/^\ufeff/, '')
  if (text.trim() === '') return []
  if (!isUtf8(bytes)) return { line, fault: 'the line is not valid UTF-8', text }
  try {
    const object: unknown = JSON.parse(text)
    if (typeof object === 'object' && object !== null && !Array.isArray(object)) {
      return { line, object: object as Readonly<Record<string, unknown>> }
    }
    return { line, fault: 'the line is not a JSON object', text }
  } catch {
    return { line, fault: 'the line is not valid JSON', text }
  }
}
