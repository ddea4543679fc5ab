import { contacts } from './contacts/projection.ts'
import { evidence } from './evidence.ts'
import { idempotency } from './idempotency.ts'

/** The read models of `contacts.db`. */
export const readModels = { contacts, evidence, idempotency }

/** What made a file: a file made by anything else is rebuilt. */
export const madeBy = Object.values(readModels)
  .map(({ name, version }) => `${name} ${version}`)
  .join(', ')
