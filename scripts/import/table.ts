import { LedgerError } from '../../src/domain/errors.ts'
import { normaliseEmail, normalisePhone } from '../../src/domain/identifier.ts'
import { csvRows } from './csv.ts'
import { type Format, formatOf } from './format.ts'
import { ndjsonLines, type ParsedLine } from './ndjson.ts'
import { peek } from './peek.ts'
import type { Source } from './source.ts'

/** A row: its number, the line that it begins at, and what it holds, or why that can't be read. */
export type Row = {
  readonly number: number
  readonly line: number
  readonly cells: readonly unknown[]
  readonly fault: string | null
  /** The object that it was, in NDJSON. */
  readonly object?: Readonly<Record<string, unknown>>
}

/** Rows, whatever they were written in. */
export type Table = {
  readonly format: Format
  /** Whether the first row names the columns; objects name theirs themselves. */
  readonly header: boolean
  readonly columns: readonly string[]
  readonly rows: AsyncIterable<readonly Row[]>
}

/** What is known of a table before it is read; what is not is found out from its beginning. */
export type TableOptions = {
  readonly format?: Format['name'] | undefined
  readonly header?: boolean | undefined
  /** Columns that objects may have although the first one lacks them. */
  readonly wanted: readonly string[]
  onRead?(bytes: number): void
}

/** How much is looked at to tell what a table is written in, in bytes. */
const beginning = 64 * 1024

/** The name of a column that has none, by its place from 1 on. */
export const columnName = (place: number) => `column ${place}`

/** Opens a table and reads its beginning. Throws `invalid` when no columns are to be seen there. */
export async function openTable(source: Source, options: TableOptions): Promise<Table> {
  const { head, whole } = await peek(
    source.read(options.onRead),
    (head) => head.includes('\n') || head.length > beginning
  )
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new LedgerError('invalid', `${source.name} is in UTF-16; save it in UTF-8.`)
  }
  const format = formatOf(source.name, head, options.format)
  return format.name === 'ndjson'
    ? objectTable(source, format, whole, options.wanted)
    : cellTable(source, format, whole, options.header)
}

async function cellTable(
  source: Source,
  format: Format,
  whole: AsyncIterable<Buffer>,
  asked: boolean | undefined
): Promise<Table> {
  const { first, all } = await begun(csvRows(whole, format.delimiter), source)
  if (first.fault !== null) {
    throw new LedgerError('invalid', `The first row can't be read: ${first.fault}.`)
  }
  const header = asked ?? !first.cells.some(isValue)
  const columns = first.cells.map((cell, nth) => {
    const name = header ? String(cell).trim() : ''
    return name === '' ? columnName(nth + 1) : name
  })
  const expected = (row: Row): Row => {
    const { length } = row.cells
    if (row.fault !== null || length === columns.length) return row
    const cells = `${length} ${length === 1 ? 'cell' : 'cells'}`
    return { ...row, fault: `the row has ${cells}, not ${columns.length}` }
  }
  return { format, header, columns, rows: mapped(all, header ? 1 : 0, expected) }
}

async function objectTable(
  source: Source,
  format: Format,
  whole: AsyncIterable<Buffer>,
  wanted: readonly string[]
): Promise<Table> {
  const { first, all } = await begun(ndjsonLines(whole), source)
  const known = 'object' in first ? Object.keys(first.object) : []
  const columns = [...new Set([...known, ...wanted])]
  let number = 0
  const row = (parsed: ParsedLine): Row => {
    const { line } = parsed
    number++
    if ('fault' in parsed) return { number, line, cells: [parsed.text], fault: parsed.fault }
    const { object } = parsed
    const cells = columns.map((name) => (Object.hasOwn(object, name) ? object[name] : null))
    return { number, line, cells, fault: null, object }
  }
  return { format, header: false, columns, rows: mapped(all, 0, row) }
}

/** The first of what comes in lists, and all of it. Throws `invalid` when there is nothing. */
async function begun<T>(lists: AsyncGenerator<readonly T[]>, { name }: Source) {
  for (let next = await lists.next(); !next.done; next = await lists.next()) {
    const [first] = next.value
    if (first !== undefined) return { first, all: again(next.value, lists) }
  }
  throw new LedgerError('invalid', `${name} holds no rows.`)
}

async function* again<T>(list: readonly T[], rest: AsyncGenerator<readonly T[]>) {
  try {
    yield list
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}

async function* mapped<T>(lists: AsyncIterable<readonly T[]>, skip: number, row: (one: T) => Row) {
  let left = skip
  for await (const list of lists) {
    yield list.slice(left).map(row)
    left = Math.max(0, left - list.length)
  }
}

/** Whether a cell is an email or a phone number already, and so names no column. */
function isValue(cell: unknown): boolean {
  return [normaliseEmail(cell), normalisePhone(cell, (phone) => phone)].some(
    (value) => typeof value === 'string'
  )
}
