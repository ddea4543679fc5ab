import { LedgerError } from '../../src/domain/errors.ts'
import { columnName, type Table } from './table.ts'

/** Which columns hold emails, phone numbers and the time, by their places from 0 on. */
export type Columns = {
  readonly email: readonly number[]
  readonly phone: readonly number[]
  readonly time: number | null
  /** Whether nobody said so. */
  readonly guessed: boolean
}

/** Columns by name, or by number where there are no names, as they were asked for. */
export type AskedColumns = {
  readonly email: readonly string[]
  readonly phone: readonly string[]
  readonly time: string | null
}

/** What such columns are usually called, in lower case and without blanks, dashes, underscores. */
const usual = {
  email: /^(?:e?mail|e?mailaddress)(?:es|s)?(\d*)$/,
  phone: /^(?:phone|telephone|tel|mobile|cell|mobilephone|cellphone)(?:number|no)?s?(\d*)$/,
  time: /^observed(?:at)?$/
} as const

/**
 * Finds the columns of a table that were asked for; where neither emails nor phone numbers were, those
 * that are called as such columns are. Throws `invalid`, naming the columns that there are, when one
 * is missing or more than one could be meant.
 */
export function columnsOf(table: Pick<Table, 'columns' | 'header'>, asked: AskedColumns): Columns {
  const place = (name: string) => placeOf(table, name)
  const time = asked.time === null ? null : place(asked.time)
  if (asked.email.length > 0 || asked.phone.length > 0) {
    const [email, phone] = [asked.email.map(place), asked.phone.map(place)]
    const all = [...email, ...phone, ...(time === null ? [] : [time])]
    if (new Set(all).size === all.length) return { email, phone, time, guessed: false }
    throw refused(table, 'A column was asked for twice')
  }
  const [email, phone] = [guess(table, 'email'), guess(table, 'phone')]
  if (email.length + phone.length === 0) {
    throw refused(
      table,
      'No column has a name that suggests emails or phone numbers; name them with --email and --phone'
    )
  }
  return { email, phone, time: time ?? guess(table, 'time')[0] ?? null, guessed: true }
}

function placeOf(table: Pick<Table, 'columns' | 'header'>, name: string): number {
  const { columns } = table
  const found = [name, ...(/^\d+$/.test(name) ? [columnName(Number(name))] : [])]
    .map((one) => columns.flatMap((column, nth) => (column === one ? nth : [])))
    .find(({ length }) => length > 0)
  const [first, second] = found ?? []
  if (first === undefined) throw refused(table, `There is no column "${name}"`)
  if (second === undefined) return first
  throw refused(table, `More than one column is called "${name}"`)
}

/** Those called so, one or numbered ones; several that are not numbered could mean anything. */
function guess(table: Pick<Table, 'columns'>, kind: keyof typeof usual): number[] {
  const found = table.columns.flatMap((column, place) => {
    const match = usual[kind].exec(column.toLowerCase().replaceAll(/[\s_-]/g, ''))
    return match === null ? [] : { place, number: match[1] ?? '' }
  })
  const numbers = found.map(({ number }) => number)
  if (new Set(numbers).size === numbers.length) return found.map(({ place }) => place)
  const named = found.map(({ place }) => `"${table.columns[place]}"`).join(', ')
  throw refused(
    table,
    `It is unclear which columns to take (${named}); name them with --email and --phone`
  )
}

function refused({ columns }: Pick<Table, 'columns'>, what: string): LedgerError {
  const seen = columns.map((name) => `"${name}"`).join(', ')
  return new LedgerError('invalid', `${what}. The columns are: ${seen === '' ? 'none' : seen}.`)
}
