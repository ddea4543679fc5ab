import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fingerprint } from '../../projections/projector.ts'
import type { Config } from '../../src/config.ts'
import type { Position } from '../../src/domain/event.ts'
import { codeOf } from '../../src/error-code.ts'
import { type EventLog, pages } from '../../src/log/event-log.ts'
import { diskFault } from '../disk-fault.ts'
import { putInPlace } from '../put-in-place.ts'
import { readLog } from '../wiring.ts'
import type { Tally } from './tally.ts'

/** Where an import stands: all rows up to here are on disk, in the ledger or among the rejects. */
export type Place = {
  /** The number of the last row that is done. */
  readonly row: number
  readonly tally: Tally
  readonly rejects: { readonly path: string; readonly length: number }
  /** The last event that these rows put on record, or that was there before them. */
  readonly mark: Mark
}

/** An event of a log that no other log holds at that position; none at 0. */
export type Mark = {
  readonly ledger: string
  readonly position: Position | 0
  readonly fingerprint: string | null
}

/** Reads where an import stands; null when it was not begun, or not as far as this file. */
export function readPlace(path: string): Place | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return null
    throw diskFault(error, `${path} can't be read`)
  }
}

/** Has the disk keep where an import stands. */
export function keepPlace(path: string, place: Place) {
  try {
    writeFileSync(`${path}.part`, JSON.stringify(place))
    putInPlace(`${path}.part`, path)
  } catch (error) {
    throw diskFault(error, `${path} can't be written`)
  }
}

/** The import is done. */
export function removePlace(path: string) {
  rmSync(path, { force: true })
}

/** Marks the event at a position, or else at the head. */
export function markAt(config: Config, position?: Position | 0): Promise<Mark> {
  return withLog(config, async (log) => {
    const at = position ?? (await log.head())
    return { ledger: log.id, position: at, fingerprint: await printAt(log, at) }
  })
}

/** Whether a ledger's log holds what was marked. */
export function holdsMark(config: Config, { ledger, position, fingerprint }: Mark) {
  return withLog(
    config,
    async (log) => log.id === ledger && (await printAt(log, position)) === fingerprint
  )
}

/**
 * Counts what an import recorded after a mark and up to another, by its keys: what was on disk before
 * it could keep its place.
 */
export function recordedBetween(config: Config, from: Mark, to: Mark, prefix: string) {
  return withLog(config, async (log) => {
    const found = { observations: 0, contacts: 0, merges: 0 }
    let ours = 0
    for await (const page of pages(log, from.position, to.position)) {
      for (const { event, position } of page) {
        if (event.type === 'ContactObserved' && event.idempotencyKey?.startsWith(prefix)) {
          ours = position
          found.observations++
          if (event.contact !== null) found.contacts++
        }
        if (event.type === 'ContactsMerged' && event.cause === ours) found.merges++
      }
    }
    return found
  })
}

async function printAt(log: EventLog, position: Position | 0): Promise<string | null> {
  const [event] = position === 0 ? [] : await log.read(position - 1, 1)
  return event === undefined ? null : fingerprint(event)
}

async function withLog<T>(config: Config, ask: (log: EventLog) => Promise<T>): Promise<T> {
  const log = readLog(config)
  try {
    return await ask(log)
  } finally {
    await log.close()
  }
}
