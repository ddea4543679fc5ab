import { resolve } from 'node:path'
import type { Config } from '../../src/config.ts'
import { LedgerError } from '../../src/domain/errors.ts'
import { isLocked, type Lock, lock } from '../../src/log/lock.ts'
import { urlOf } from '../asked-server.ts'
import type { NotedWatch } from '../progress.ts'
import { secondsSince } from '../seconds-since.ts'
import type { Io } from '../verb.ts'
import { filesOf, mustNotReplace } from '../wiring.ts'
import { beginImport, type ImportId, importIdOf } from './begin.ts'
import { columnsOf } from './columns.ts'
import { wayHere } from './here.ts'
import type { AskedImport } from './options.ts'
import { keepPlace, markAt, type Place, removePlace } from './place.ts'
import { type Rejects, rejectsOf } from './rejects.ts'
import { type Run, runImport } from './run.ts'
import { openSource, type Source } from './source.ts'
import { openTable } from './table.ts'
import type { Came } from './tally.ts'
import { wayThere } from './there.ts'
import { toldColumns } from './told.ts'
import type { Way } from './way.ts'

/** What is to be imported, into which ledger, and how that is watched and ended. */
export type ImportRun = {
  readonly io: Io
  readonly config: Config
  readonly path: string
  readonly asked: AskedImport
  readonly watch: NotedWatch
  /** Ends it soon, with what is under way finished. */
  readonly signal: AbortSignal
}

/** What was found where an import was asked for. */
type Opened = Pick<Run, 'table' | 'columns' | 'seen'> & {
  /** Null where it can't be known again. */
  readonly id: ImportId | null
  readonly rejectsPath: string
  /** When it was begun to be read, as `performance.now()` tells. */
  readonly started: number
}

/**
 * Imports a file, or what comes through a pipe; null when the signal ended it early. Says on the error
 * stream what it takes for what, which way it goes, and how an import that broke off goes on.
 */
export async function importFile(run: ImportRun): Promise<Came | null> {
  const { io, config } = run
  const opened = await open(run)
  const { id } = opened
  const way = await wayInto(io, config)
  let turn: Lock | null = null
  let came: Came | null = null
  try {
    // Two at once would write over each other's place and rejects.
    turn = lock(filesOf(config).imports, 'imports into this ledger. One import at a time.')
    came = await carryOut(run, opened, way)
    return came
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'unavailable') throw error
    throw new LedgerError('unavailable', `${error.message} ${howToGoOn(id)}`)
  } finally {
    await way.close()
    // Closing takes its time: killed meanwhile and started again, the sums are still those of all runs.
    if (came !== null && id !== null) removePlace(id.placePath)
    turn?.release()
  }
}

/** Opens what is to be imported, and finds its columns and what it is known by. Throws `invalid`. */
async function open({ io, config, path, asked, watch, signal }: ImportRun): Promise<Opened> {
  const source = await openSource(path, signal)
  if (source.file !== null && asked.name !== null) {
    throw new LedgerError(
      'invalid',
      'A file is recognised by its content; --name is only for pipes.'
    )
  }
  const started = performance.now()
  const seen = { rows: 0 }
  const { email, phone, time } = asked.columns
  const table = await openTable(source, {
    ...asked,
    wanted: [...email, ...phone, ...(time === null ? [] : [time])],
    onRead(bytes) {
      if (source.file === null || seen.rows === 0) return
      const pace = Math.round(seen.rows / secondsSince(started))
      watch.progress?.(bytes, source.file.size, `${pace} rows/s`)
    }
  })
  const columns = columnsOf(table, asked.columns)
  io.err.write(`${toldColumns(table, columns)}\n`)
  const content = contentOf(source, asked)
  const id = content === null ? null : importIdOf(config, content, table, columns)
  const rejectsPath = rejectsPathOf(source, asked)
  mustNotReplace(config, rejectsPath)
  return { table, columns, seen, id, rejectsPath, started }
}

/** Imports what was opened, from where an interrupted run kept its place; null when interrupted. */
async function carryOut(
  { io, config, asked, signal }: ImportRun,
  { id, rejectsPath, started, ...opened }: Opened,
  way: Way
): Promise<Came | null> {
  const begun = await beginImport(io, config, id, rejectsPath)
  const { row: after, tally } = begun
  const rejects = rejectsOf(begun.rejects.path, opened.table, begun.rejects.length)
  const keep = keeper(config, id, begun, rejects)
  await keep(after, 0)
  const [source, keys] = [asked.source, id?.keys ?? null]
  await runImport({ way, rejects, tally, source, keys, after, keep, signal, ...opened })
  if (signal.aborted) {
    io.err.write(`Interrupted after ${tally.rows} rows. ${howToGoOn(id)}\n`)
    return null
  }
  const rejectsFile = tally.rejects === 0 ? null : begun.rejects.path
  return { ...tally, rejectsFile, seconds: secondsSince(started) }
}

/** Keeps the place of an import: first what it says, then the place itself. */
function keeper(
  config: Config,
  id: ImportId | null,
  { tally, mark: begunAt, rejects: { path } }: Place,
  rejects: Rejects
): Run['keep'] {
  let mark = begunAt
  return async (row, position) => {
    const length = rejects.keep()
    if (id === null) return
    if (position > mark.position) mark = await markAt(config, position)
    keepPlace(id.placePath, { row, tally, mark, rejects: { path, length } })
  }
}

/** What tells an import from others: the content of its file, or a name that it was given. */
function contentOf({ file }: Source, { name }: AskedImport): string | null {
  return file?.fingerprint ?? (name === null ? null : `named ${name}`)
}

async function wayInto(io: Io, config: Config): Promise<Way> {
  const files = filesOf(config)
  if (isLocked(files.lock)) {
    io.err.write(`The ledger is in use; importing through its server at ${urlOf(config)}.\n`)
    return wayThere(config)
  }
  io.err.write(`No server has the ledger open; importing directly into ${files.log}.\n`)
  return wayHere(io, config)
}

function rejectsPathOf({ name: path, file }: Source, { name, rejects }: AskedImport): string {
  const found = resolve(rejects ?? `${file === null ? (name ?? 'import') : path}.rejects.csv`)
  if (file === null || found !== resolve(path)) return found
  throw new LedgerError('invalid', 'The rejects can’t go to the file that is imported.')
}

function howToGoOn(id: ImportId | null): string {
  return id !== null
    ? 'The same command goes on from there.'
    : 'It can’t be resumed: what comes through a pipe needs a --name for that.'
}
