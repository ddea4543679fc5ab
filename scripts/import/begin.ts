import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../../src/config.ts'
import type { Io } from '../verb.ts'
import type { Columns } from './columns.ts'
import { holdsMark, type Mark, markAt, type Place, readPlace, recordedBetween } from './place.ts'
import { cutBack, setAside } from './rejects.ts'
import type { Table } from './table.ts'
import { emptyTally } from './tally.ts'

/** What tells an import from every other: by this name it is resumed, and its keys begin so. */
export type ImportId = {
  /** Where it keeps its place. */
  readonly placePath: string
  readonly keys: string
}

/**
 * What an import is known by: the same content, or the same name, with the same columns. So the same
 * file again records nothing, and other columns of it are another import.
 */
export function importIdOf(
  { ledgerDir }: Config,
  content: string,
  table: Pick<Table, 'header' | 'columns'>,
  { email, phone }: Columns
): ImportId {
  const named = (places: readonly number[]) => places.map((place) => table.columns[place])
  const told = JSON.stringify([content, table.header, named(email), named(phone)])
  const hash = createHash('sha256').update(told).digest('hex').slice(0, 16)
  return { placePath: join(ledgerDir, `import-${hash}.json`), keys: `import:${hash}:` }
}

/**
 * Finds where an import stands and has the rejects stand there too: where an interrupted run kept its
 * place, if the ledger and the rejects hold what it says; else at the beginning. Says which.
 */
export async function beginImport(
  io: Io,
  config: Config,
  id: ImportId | null,
  rejectsPath: string
): Promise<Place> {
  const kept = id === null ? null : readPlace(id.placePath)
  if (kept !== null && id !== null) {
    if (await stillHolds(config, kept)) {
      io.err.write(`Continuing after the first ${kept.tally.rows} rows.\n`)
      return caughtUp(config, kept, id.keys)
    }
    io.err.write(
      'The stored place of an interrupted run does not match the ledger or the rejects file; starting over.\n'
    )
  }
  const older = setAside(rejectsPath)
  if (older !== null) io.err.write(`${rejectsPath} already existed; it is now ${older}.\n`)
  const rejects = { path: rejectsPath, length: 0 }
  return { row: 0, tally: emptyTally(), rejects, mark: await markAt(config) }
}

async function stillHolds(config: Config, { mark, rejects }: Place): Promise<boolean> {
  return (await holdsMark(config, mark)) && cutBack(rejects.path, rejects.length)
}

/** Counts what was recorded after the place was kept; those rows will be found on record. */
async function caughtUp(config: Config, place: Place, keys: string): Promise<Place> {
  const mark: Mark = await markAt(config)
  const found = await recordedBetween(config, place.mark, mark, keys)
  const { observations, already, contacts, merges, ...rest } = place.tally
  const tally = {
    ...rest,
    observations: observations + found.observations,
    already: already - found.observations,
    contacts: contacts + found.contacts,
    merges: merges + found.merges
  }
  return { ...place, tally, mark }
}
