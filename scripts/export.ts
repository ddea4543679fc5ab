import { Argument, Option } from 'commander'
import { Unusable } from '../projections/database.ts'
import { type Export, exportFrom } from '../projections/export.ts'
import type { Watch } from '../projections/rebuild.ts'
import type { Config } from '../src/config.ts'
import { Identity } from '../src/domain/answer.ts'
import { LedgerError } from '../src/domain/errors.ts'
import type { Recorded } from '../src/domain/event.ts'
import { exportedLine } from '../src/exported-event.ts'
import { pages } from '../src/log/event-log.ts'
import { publish } from '../src/published-event.ts'
import { ContactRow } from '../src/views.ts'
import { type Cell, csvLine } from './csv-line.ts'
import { withProgress } from './progress.ts'
import { exit, type Io, type Verb } from './verb.ts'
import { ask, filesOf, mustNotReplace, readLog } from './wiring.ts'
import { type Target, writeOut } from './write-out.ts'

/** How rows become text: the line above them, if any, and the line of each. */
type Format<Row> = { readonly header: string; line(row: Row): string }

/** How much was written, and of which position in the log. */
type Written = { readonly rows: number; readonly position: number }

/** Writes rows, page by page; `done` tells how far a row is on the way to `total`. */
type Write = <Row>(
  pages: Iterable<readonly Row[]> | AsyncIterable<readonly Row[]>,
  format: Format<Row>,
  done: (row: Row) => number,
  total: number
) => Promise<number>

const kinds = ['contacts', 'identities', 'events'] as const

/** How the rows of each kind are written. */
type Formats = {
  readonly contacts: Format<ContactRow>
  readonly identities: Format<Identity>
  readonly events: Format<Recorded>
}

/** Writes what a ledger holds as CSV or NDJSON, to standard output or to a file. */
export const exportVerb: Verb = {
  describe: (command) =>
    command
      .summary('write contacts, identities or events as CSV or NDJSON')
      .description(
        'Writes all contacts (withdrawn ones too, by id), all identities (by primary) or the log, as it is at this moment; safe beside a running server. Contacts and identities are written as CSV by default, events as NDJSON.\n\nNDJSON has every value as it is, and events in NDJSON are complete: "import-events" makes the same ledger of them. CSV is for spreadsheets: a value that begins with = + - @, a tab or a carriage return gets an apostrophe in front of it, so that it is not taken for a formula. A phone number alone, + and digits, does nothing as a formula; it stays as it is and can be imported again. The items of a list are separated by spaces.'
      )
      .addArgument(new Argument('<what>', 'what to write').choices(kinds))
      .addOption(new Option('--format <format>', 'csv or ndjson').choices(['csv', 'ndjson']))
      .option('--output <file>', 'write to this file; it appears only once complete')
      .option('--force', 'replace an existing file'),

  async run(io, { format, output, force }, what = '') {
    const config = io.config()
    const target = {
      file: output === undefined ? undefined : String(output),
      force: force === true
    }
    if (target.file !== undefined) mustNotReplace(config, target.file)
    const usual = what === 'events' ? 'ndjson' : 'csv'
    const formats = (format ?? usual) === 'csv' ? csv : ndjson
    const { rows, position } =
      what === 'events'
        ? await events(config, formats.events, writer(io, target))
        : await shown(config, what, formats, writer(io, target))
    io.err.write(`${rows} ${what}, as of position ${position}.\n`)
    return exit.done
  }
}

async function events(config: Config, format: Format<Recorded>, write: Write): Promise<Written> {
  const log = readLog(config)
  try {
    const head = await log.head()
    const rows = await write(pages(log, 0, head), format, ({ position }) => position, head)
    return { rows, position: head }
  } finally {
    await log.close()
  }
}

async function shown(
  config: Config,
  what: string,
  formats: Formats,
  write: Write
): Promise<Written> {
  const { readModel } = filesOf(config)
  const log = readLog(config)
  try {
    await ask(config, (view) => view.position())
    return await exportFrom(readModel, log.id, async (all: Export) => {
      const { position, lastContact: last } = all
      const rows =
        what === 'contacts'
          ? await write(all.contacts(), formats.contacts, ({ id }) => id, last)
          : await write(all.identities(), formats.identities, (one) => one.primaryContactId, last)
      return { rows, position }
    })
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    throw new LedgerError('cannot_open', `The read model can't be used: ${error.message}.`)
  } finally {
    await log.close()
  }
}

/** One JSON document a line. */
const documents: Format<unknown> = { header: '', line: (row) => `${JSON.stringify(row)}\n` }

const ndjson: Formats = {
  contacts: documents,
  identities: documents,
  events: { header: '', line: (recorded) => `${exportedLine(recorded)}\n` }
}

const csv: Formats = {
  contacts: csvOf(Object.keys(ContactRow.properties)),
  identities: csvOf(Object.keys(Identity.properties)),
  events: csvOf(['position', 'type', 'recordedAt', 'data'], publish)
}

function csvOf<Row>(
  columns: readonly string[],
  told: (row: Row) => object = (row) => row as object
): Format<Row> {
  return {
    header: csvLine(columns),
    line(row) {
      const cells = told(row) as Record<string, Cell>
      return csvLine(columns.map((column) => cells[column] ?? null))
    }
  }
}

/** Writes to a target, with a progress bar where that is a file. */
function writer(io: Io, target: Target): Write {
  return (pages, format, done, total) => {
    let rows = 0
    async function* pieces({ progress }: Watch) {
      yield format.header
      for await (const page of pages) {
        yield page.map((row) => format.line(row)).join('')
        rows += page.length
        const last = page.at(-1)
        if (last !== undefined) progress?.(done(last), total)
      }
    }
    const write = async (watch: Watch) => {
      await writeOut(io, target, () => pieces(watch))
      return rows
    }
    return target.file === undefined ? write({}) : withProgress(io, 'export', write)
  }
}
