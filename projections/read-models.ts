import type Database from 'better-sqlite3'
import { contacts } from './contacts/projection.ts'
import { idempotency } from './idempotency.ts'
import type { Hears } from './projection.ts'
import { activity } from './stats/activity.ts'

/** The read models of `contacts.db`. */
export const readModels = { contacts, idempotency, activity }

/** The read models at work on an open database. Every one of them is there, or nothing compiles. */
export function openAll(db: Database.Database) {
  return {
    contacts: contacts.open(db),
    idempotency: idempotency.open(db),
    activity: activity.open(db)
  } satisfies Record<keyof typeof readModels, Hears>
}

/** What made a file: a file made by anything else is rebuilt. */
export const madeBy = Object.values(readModels)
  .map(({ name, version }) => `${name} ${version}`)
  .join(', ')
