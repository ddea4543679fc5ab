import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'

/** What a digest is taken of, in this order. Values stand for contacts, numbers for all else. */
const dumps: readonly (readonly [name: string, sql: string])[] = [
  [
    'contact',
    /* sql */ `
      SELECT
        linked.id, email.value, phone.value, linked_id, created_at, updated_at, withdrawn_at
      FROM linked
      LEFT JOIN identifiers AS email ON email.number = linked.email
      LEFT JOIN identifiers AS phone ON phone.number = linked.phone_number
      ORDER BY linked.id`
  ],
  [
    'pair',
    /* sql */ `
      SELECT email, phone_number, count, iif(count > 0, first, 0), iif(count > 0, latest, 0)
      FROM pairs
      ORDER BY email, phone_number`
  ],
  [
    'minted',
    /* sql */ `
      SELECT id, introduced, hidden, retracted, position, settled
      FROM minted
      ORDER BY id`
  ],
  [
    'identifier',
    /* sql */ `
      SELECT number, kind, value, plain, contested, blocked, sharing, able_since
      FROM identifiers
      ORDER BY number`
  ],
  ['observation', 'SELECT * FROM observations ORDER BY position'],
  ['ability', 'SELECT * FROM abilities ORDER BY identifier, position'],
  ['settlement', 'SELECT * FROM settlements ORDER BY contact, position'],
  ['key', 'SELECT * FROM idempotency_keys ORDER BY key'],
  ['ruling', 'SELECT * FROM rulings ORDER BY one, other'],
  ['decision', 'SELECT * FROM decisions ORDER BY position'],
  ['merge', 'SELECT * FROM merges ORDER BY cause, absorbed'],
  ['split', 'SELECT * FROM splits ORDER BY cause, contact'],
  ['size', 'SELECT identity, contacts FROM sizes ORDER BY identity'],
  [
    'size class',
    /* sql */ `
      SELECT up_to, identities, contacts
      FROM size_classes
      WHERE identities <> 0 OR contacts <> 0
      ORDER BY up_to`
  ],
  ['event type', 'SELECT type, events FROM event_types ORDER BY type'],
  ['day', 'SELECT day, merges, splits FROM days ORDER BY day']
]

/**
 * SHA-256, in hex, of the read model's rows as JSON lines, in canonical order: all that answers rest
 * on, but for the shape of the forest. It depends on nothing but the events, so two ledgers with the
 * same events agree. Reads everything.
 */
export function digestOf(db: Database.Database): string {
  const hash = createHash('sha256')
  for (const [name, sql] of dumps) {
    let lines: string[] = []
    for (const row of db.prepare<[], unknown[]>(sql).raw().iterate()) {
      lines.push(JSON.stringify([name, ...row]))
      if (lines.length < 1_000) continue
      hash.update(`${lines.join('\n')}\n`)
      lines = []
    }
    hash.update(lines.map((line) => `${line}\n`).join(''))
  }
  return hash.digest('hex')
}
