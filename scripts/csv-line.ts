/** A value of a row: text, a number, a list of them, an object, or nothing. */
export type Cell = string | number | null | object | readonly (string | number)[]

/**
 * A line of CSV, quoted where RFC 4180 asks for it. Lists are joined by blanks, which no email and
 * no phone number holds; objects are JSON; null is empty. A value that a spreadsheet would take for a
 * formula gets an apostrophe in front of it.
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map((cell) => quoted(defused(textOf(cell)))).join(',')}\n`
}

/** A line of CSV for a program: every value as it is, quoted where RFC 4180 asks for it. */
export function plainCsvLine(cells: readonly Cell[]): string {
  return `${cells.map((cell) => quoted(textOf(cell))).join(',')}\n`
}

function textOf(cell: Cell): string {
  if (cell === null) return ''
  if (Array.isArray(cell)) return cell.join(' ')
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}

/** A lone phone number is left as it is: no formula that does anything, and it can be imported again. */
function defused(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^\+\d+$/.test(text) ? `'${text}` : text
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
