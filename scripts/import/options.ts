import { basename } from 'node:path'
import type { Command } from 'commander'
import { LedgerError } from '../../src/domain/errors.ts'
import { longestSource } from '../../src/observation.ts'
import type { Options } from '../verb.ts'
import type { AskedColumns } from './columns.ts'
import { type Format, formats } from './format.ts'

/** What is asked of an import, beside its file. */
export type AskedImport = {
  readonly columns: AskedColumns
  readonly header: boolean | undefined
  readonly format: Format['name'] | undefined
  readonly source: string
  /** By which an import of what comes through a pipe is known again. */
  readonly name: string | null
  readonly rejects: string | null
  readonly json: boolean
}

/** Adds the options of an import to its command. */
export function describeOptions(command: Command): Command {
  return command
    .option('--email <columns>', 'the columns that hold emails, comma-separated')
    .option('--phone <columns>', 'the columns that hold phone numbers, comma-separated')
    .option(
      '--time <column>',
      'the column with the time: ISO 8601, or seconds or milliseconds since 1970'
    )
    .option('--source <name>', 'the recorded source (default: the name of the file)')
    .option('--header', 'take the first row as column names (default: unless it holds values)')
    .option('--no-header', 'take the first row as data; columns are numbered from 1')
    .option('--format <format>', `${formats.join(', ')} (default: detected)`)
    .option('--name <name>', 'a name by which an import from a pipe can be resumed')
    .option('--rejects <file>', 'the file for rejected rows (default: FILE.rejects.csv)')
    .option('--json', 'print the result as one JSON document')
}

/** Reads the options of an import. Throws `invalid`. */
export function readAsked(options: Options, file: string): AskedImport {
  const text = (name: string) => {
    const given = options[name]
    return typeof given === 'string' ? given : null
  }
  const names = (name: string) => {
    const all = text(name)?.split(',') ?? []
    return all.map((one) => one.trim()).filter((one) => one !== '')
  }
  const [format, name] = [text('format'), text('name')]
  const known = formats.find((one) => one === format)
  if (format !== null && known === undefined) {
    throw new LedgerError('invalid', `The format must be one of ${formats.join(', ')}.`)
  }
  if (name !== null && !/^[\w.-]{1,100}$/.test(name)) {
    throw new LedgerError(
      'invalid',
      'The name must have 1 to 100 Latin letters, digits, dashes, dots and underscores.'
    )
  }
  const source = text('source') ?? (file === '-' ? (name ?? 'stdin') : basename(file))
  if (source.length > longestSource) {
    throw new LedgerError('invalid', `The source has more than ${longestSource} characters.`)
  }
  const { header } = options
  return {
    columns: { email: names('email'), phone: names('phone'), time: text('time') },
    header: typeof header === 'boolean' ? header : undefined,
    format: known,
    source,
    name,
    rejects: text('rejects'),
    json: options['json'] === true
  }
}
