import { Parser } from 'csv-parse'
import { codeOf } from '../../src/error-code.ts'
import type { Row } from './table.ts'

/** How long a row may be, in bytes: what a quote that is never closed takes with it. */
const longestRow = 1024 * 1024

const lineFeed = 10
const carriageReturn = 13

/**
 * The rows of a text in CSV, as many together as a piece of it holds. Where it breaks a rule of
 * quoting, the line at which that row begins is a row that can't be read, and reading goes on at the
 * next line: one bad quote costs a line and not all that follows.
 */
export async function* csvRows(
  pieces: AsyncIterable<Buffer>,
  delimiter: string
): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = []
  let [number, line] = [0, 1]
  /** What no row that was read holds yet, and how much of it now is in one that was. */
  let held: Buffer = Buffer.alloc(0)
  let done = 0
  /** Where that begins, as the parser counts. */
  let begin = 0
  /** Whether the rest of an overlong line is still to come. */
  let dropping = false
  let parser = parserOf(delimiter, add)

  function add(cells: string[], end: number) {
    skipBlankLines()
    rows.push({ number: ++number, line, cells, fault: null })
    passLines(end - begin)
  }

  function skipBlankLines() {
    while (held[done] === lineFeed || held[done] === carriageReturn) {
      if (held[done++] === lineFeed) line++
    }
  }

  function passLines(to: number) {
    for (let at = held.indexOf(lineFeed, done); at !== -1 && at < to; ) {
      line++
      at = held.indexOf(lineFeed, at + 1)
    }
    done = to
  }

  /** Gives up the line that the row begins at that broke the parser, and starts behind it. */
  function giveUpLine(reason: string) {
    skipBlankLines()
    const feed = held.indexOf(lineFeed, done)
    const end = feed === -1 ? held.length : feed + 1
    const text = held.toString('utf8', done, end).replace(/\r?\n$/, '')
    rows.push({ number: ++number, line, cells: [text], fault: reason })
    dropping = feed === -1
    if (!dropping) line++
    held = held.subarray(end)
    ;[done, begin] = [0, 0]
    parser = parserOf(delimiter, add)
  }

  /** Lets go of what is in rows. */
  function release() {
    held = held.subarray(done)
    begin += done
    done = 0
  }

  for await (const piece of pieces) {
    let given = piece
    if (dropping) {
      const feed = piece.indexOf(lineFeed)
      if (feed === -1) continue
      dropping = false
      line++
      given = piece.subarray(feed + 1)
    }
    held = held.length === 0 ? given : Buffer.concat([held, given])
    for (let fault = await parsed(parser, given); fault !== null; ) {
      giveUpLine(fault)
      fault = await parsed(parser, held)
    }
    release()
    yield rows
    rows = []
  }
  for (let fault = await ended(parser); fault !== null; ) {
    giveUpLine(fault)
    fault = (await parsed(parser, held)) ?? (await ended(parser))
  }
  yield rows
}

function parserOf(delimiter: string, add: (cells: string[], end: number) => void): Parser {
  const parser = new Parser({
    bom: true,
    delimiter,
    record_delimiter: ['\r\n', '\n'],
    // How many cells there are to be is for the table to say.
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
    on_record(cells: string[], { bytes }) {
      add(cells, bytes)
      return null
    }
  })
  // It is told to whoever waits for the piece.
  return parser.on('error', () => {})
}

/** Has a piece parsed; null when all went well, else what is wrong. */
async function parsed(parser: Parser, piece: Buffer): Promise<string | null> {
  if (piece.length === 0) return null
  return faultIn(
    await new Promise<Error | null>((resolve) => {
      parser.write(piece, (error) => resolve(error ?? null))
    })
  )
}

/** Has the parser take what it holds back; the same. */
async function ended(parser: Parser): Promise<string | null> {
  return faultIn(
    await new Promise<Error | null>((resolve) => {
      parser.once('error', resolve).once('end', () => resolve(null))
      parser.end().resume()
    })
  )
}

function faultIn(error: Error | null): string | null {
  if (error === null) return null
  const code = codeOf(error)
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is not closed'
  if (code === 'CSV_INVALID_CLOSING_QUOTE') return 'something follows a closing quote'
  if (code === 'INVALID_OPENING_QUOTE') return 'a quote stands within a cell that is not quoted'
  if (code === 'CSV_MAX_RECORD_SIZE') return 'the row has more than 1 MiB; a quote may be open'
  throw error
}
