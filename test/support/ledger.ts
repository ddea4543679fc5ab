import { join } from 'node:path'
import type Database from 'better-sqlite3'
import type { Test } from 'tap'
import { projector } from '../../projections/projector.ts'
import { openReadModel } from '../../projections/read-model.ts'
import { readingView } from '../../projections/reading-view.ts'
import { writingView } from '../../projections/writing-view.ts'
import type { Recorded } from '../../src/domain/event.ts'
import { openLedger } from '../../src/group-commit.ts'
import type { LedgerOptions } from '../../src/ledger-options.ts'
import { memoryLog } from '../../src/log/memory.ts'
import type { View } from '../../src/views.ts'
import { memoryReadModel } from './memory-read-model.ts'

/** A ledger in this process: a log in memory, and its read model in a file of the test's own. */
export async function openedLedger(t: Test, options: Partial<LedgerOptions> = {}) {
  const log = options.log ?? memoryLog()
  const path = join(t.testdir(), 'contacts.db')
  const model = await openReadModel(log, path)
  const failures: unknown[] = []
  const onFailure = (error: unknown) => void failures.push(error)
  const ledger = openLedger({ log, view: model.view, now: Date.now, onFailure, ...options })
  t.teardown(async () => {
    await ledger.close()
    model.close()
  })
  return { ledger, log, path, failures }
}

/** What a read model in memory shows that heard these batches; it lasts as long as `ask`. */
export function shownBy<T>(
  batches: readonly (readonly Recorded[])[],
  ask: (db: Database.Database) => T
): T {
  const db = memoryReadModel()
  try {
    const models = projector(db)
    for (const batch of batches) models.hearAll(batch)
    return ask(db)
  } finally {
    db.close()
  }
}

/** The view of a read model, new: it remembers nothing that is not in the database. */
export function viewOf(db: Database.Database): View {
  const models = projector(db)
  return { ...writingView(db, models), ...readingView(db, models.flush), position: models.position }
}
