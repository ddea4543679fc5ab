import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { checkKept, openForReading, reading, Unusable } from '../projections/database.ts'
import { type Opening, openReadModel, type ReadModel } from '../projections/read-model.ts'
import { readingView } from '../projections/reading-view.ts'
import type { Config } from '../src/config.ts'
import { LedgerError } from '../src/domain/errors.ts'
import type { EventLog } from '../src/log/event-log.ts'
import { isLocked, type Lock, lock } from '../src/log/lock.ts'
import { sqliteLog } from '../src/log/sqlite.ts'
import type { ReadingView } from '../src/views.ts'
import { makeFolder } from './make-folder.ts'

/** Where a ledger is. */
export type Place = Pick<Config, 'ledgerDir'>

/** The files of a ledger. */
export function filesOf({ ledgerDir }: Place) {
  return {
    log: join(ledgerDir, 'ledger.db'),
    readModel: join(ledgerDir, 'contacts.db'),
    lock: join(ledgerDir, 'ledger.lock'),
    imports: join(ledgerDir, 'import.lock')
  }
}

/** Throws `invalid` where what is to be written would replace a file of the ledger itself. */
export function mustNotReplace(place: Place, path: string) {
  const target = resolve(path)
  const files = Object.values(filesOf(place)).map((file) => resolve(file))
  if (!files.some((file) => target === file || target.startsWith(`${file}-`))) return
  throw new LedgerError('invalid', `${path} is a file of the ledger itself.`)
}

/** The log of a ledger in the hands of the one process that may write it. */
export type Held = { readonly log: EventLog; close(): Promise<void> }

/**
 * Takes a ledger's lock and opens its log; with `create`, a ledger is made where there is none.
 * Throws `cannot_open`, naming what is in the way.
 */
export function holdLog(config: Place, { create }: { create: boolean }): Held {
  const files = filesOf(config)
  if (create) makePlace(config.ledgerDir)
  else if (!existsSync(files.log)) throw noLedger(files.log)
  const held: Lock = lock(files.lock)
  try {
    const log = sqliteLog(files.log, 'write')
    return {
      log,
      async close() {
        await log.close()
        held.release()
      }
    }
  } catch (error) {
    held.release()
    throw error
  }
}

function noLedger(path: string) {
  return new LedgerError('cannot_open', `There is no ledger at ${path}.`)
}

function makePlace(path: string) {
  try {
    makeFolder(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new LedgerError('cannot_open', `The folder ${path} can't be made: ${reason}.`)
  }
}

/** Opens a ledger's log to read it, whoever writes it. Throws `cannot_open`. */
export function readLog(config: Place): EventLog {
  return sqliteLog(filesOf(config).log, 'read')
}

/** Opens the read model of a held log, healing it where it must. */
export function openModel(config: Place, log: EventLog, opening?: Opening): Promise<ReadModel> {
  return openReadModel(log, filesOf(config).readModel, opening)
}

/**
 * Asks the read model of a ledger, beside its server or with none. Where it is not up to date and
 * no server will bring it there, it is brought there first. Throws `cannot_open` where there is no
 * ledger, or where another process holds it and its read model can't be used, and says why not.
 */
export async function ask<T>(
  config: Place,
  question: (view: ReadingView) => T,
  opening?: Opening
): Promise<T> {
  const log = readLog(config)
  const { readModel, lock } = filesOf(config)
  let unusable: Unusable | null = null
  try {
    // Where a server has it open, that has looked whether it is whole.
    if (!isLocked(lock)) checkKept(readModel)
    const db = openForReading(readModel, log.id)
    try {
      const view = readingView(db)
      const current = view.position() === (await log.head()) || isLocked(lock)
      if (current) return reading(db.transaction(() => question(view)))
    } finally {
      db.close()
    }
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    unusable = error
  } finally {
    await log.close()
  }
  const held = holdToHeal(config, unusable)
  try {
    const model = await openModel(config, held.log, opening)
    try {
      return question(model.view)
    } finally {
      model.close()
    }
  } finally {
    await held.close()
  }
}

/** Takes a ledger's lock for its read model's sake; where that fails, tells why it was wanted too. */
function holdToHeal(config: Place, unusable: Unusable | null): Held {
  try {
    return holdLog(config, { create: false })
  } catch (error) {
    if (unusable === null || !(error instanceof LedgerError)) throw error
    const why = `The read model can't be used: ${unusable.message}.`
    throw new LedgerError(error.code, `${why} ${error.message}`)
  }
}
