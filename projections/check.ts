import type { EventLog } from '../src/log/event-log.ts'
import { digestOf } from './digest.ts'
import { createForFilling, digestSoFar } from './filling.ts'
import { projector } from './projector.ts'
import { catchUp, type Watch } from './rebuild.ts'
import { trySnapshot } from './rows.ts'

/** How a read model compares with a rebuild. */
export type Comparison = {
  readonly events: number
  /** Of the rebuild, at the head of the log. */
  readonly digest: string
  /** What is wrong with the live one, to be said of "the read model"; null when they are equal. */
  readonly problem: string | null
}

/**
 * Compares the live read model, at the position where it stands, with one built from the log in a
 * temporary file. Writes nothing and needs no lock: a server may go on writing both.
 * Throws `corrupt_log` when the log can't be read.
 */
export async function compare(log: EventLog, path: string, watch?: Watch): Promise<Comparison> {
  const { shown, unusable } = trySnapshot(path, log.id, digestOf)
  const events = await log.head()
  const db = createForFilling('', log.id)
  try {
    const models = projector(db)
    let problem = unusable === null ? null : `can't be used: ${unusable}`
    if (shown !== null) {
      if (shown.position > events) problem = 'is ahead of the log'
      await catchUp(log, models, Math.min(shown.position, events), watch)
      if (digestSoFar(db) !== shown.answer) problem ??= 'differs from a rebuild'
    }
    await catchUp(log, models, events, watch)
    return { events, digest: digestSoFar(db), problem }
  } finally {
    db.close()
  }
}
