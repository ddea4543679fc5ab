import {
  closeSync,
  existsSync,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { dirname } from 'node:path'
import { sync } from '../../projections/sync.ts'
import { type Cell, plainCsvLine } from '../csv-line.ts'
import { diskFault } from '../disk-fault.ts'
import type { Row, Table } from './table.ts'

/** What the file of rejects says of each row before the row itself. */
const told = ['line', 'reason']

/** How much is kept in memory before it is written, in characters. */
const portion = 1024 * 1024

/** The rows that were refused, in a file of their own: where each stood, why, and all that it held. */
export type Rejects = {
  add(row: Row, reason: string): void
  /** Has the disk keep what was added; tells how long the file is now, in bytes. */
  keep(): number
}

/** The refused rows of a table; the file holds so many bytes of them already. */
export function rejectsOf(path: string, table: Table, already: number): Rejects {
  let [text, length, kept] = ['', already, already]
  // Mended rejects that are refused again keep one place and one reason, the latest.
  const skip = told.every((name, nth) => table.columns[nth] === name) ? told.length : 0
  const ofObjects = table.format.name === 'ndjson'
  const header = [...told, ...table.columns.slice(skip), ...(ofObjects ? ['row'] : [])]
  const asked = (row: Row): unknown[] => {
    if (!ofObjects) return row.cells.length > 1 ? row.cells.slice(skip) : [...row.cells]
    if (row.object !== undefined) return [...row.cells.slice(skip), JSON.stringify(row.object)]
    return [...table.columns.slice(skip).map(() => null), ...row.cells]
  }

  function write() {
    if (text === '') return
    try {
      const file = openSync(path, 'a')
      try {
        // One write may take a part of it only, as where the disk is about to be full.
        const bytes = Buffer.from(text)
        writeFileSync(file, bytes)
        length += bytes.length
      } finally {
        closeSync(file)
      }
    } catch (error) {
      throw diskFault(error, `${path} can't be written`)
    }
    text = ''
  }

  return {
    add(row, reason) {
      if (text === '' && length === 0) text = plainCsvLine(header)
      text += plainCsvLine([row.line, reason, ...asked(row).map(cellOf)])
      if (text.length > portion) write()
    },
    keep() {
      write()
      if (length > kept) sync(path)
      if (kept === 0 && length > 0) sync(dirname(path))
      kept = length
      return length
    }
  }
}

/** Cuts off what was written after a file of rejects was last kept; false when less is there. */
export function cutBack(path: string, length: number): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > length) truncateSync(path, length)
  return size >= length
}

/** Gives the rejects of an older import another name; null when there are none. */
export function setAside(path: string): string | null {
  if (!existsSync(path)) return null
  let nth = 1
  while (existsSync(`${path}.${nth}`)) nth++
  renameSync(path, `${path}.${nth}`)
  return `${path}.${nth}`
}

function cellOf(given: unknown): Cell {
  if (given === undefined || given === null) return null
  return typeof given === 'boolean' ? String(given) : (given as Cell)
}
