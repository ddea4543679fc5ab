import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'

/** What a digest is taken of, in this order. Values stand for contacts, numbers for all else. */
const dumps: readonly (readonly [name: string, columns: string, rows: string])[] = [
  [
    'contact',
    'linked.id, email.value, phone.value, linked_id, created_at, updated_at, withdrawn_at',
    /* sql */ `
      FROM linked
      LEFT JOIN identifiers AS email ON email.number = linked.email
      LEFT JOIN identifiers AS phone ON phone.number = linked.phone_number
      ORDER BY linked.id`
  ],
  ['pair', 'email, phone_number, first, earliest', 'FROM pairs ORDER BY email, phone_number'],
  ['minted', 'id, introduced, hidden, retracted, position, settled', 'FROM minted ORDER BY id'],
  [
    'identifier',
    'number, kind, value, plain, contested, blocked, able_since',
    'FROM identifiers ORDER BY number'
  ],
  [
    'observation',
    'position, email, phone_number, contact, observed_at, recorded_at, repeats, retracted',
    'FROM observations ORDER BY position'
  ],
  ['shared', 'identifier, kind, others', 'FROM sharing ORDER BY identifier'],
  ['ability', 'identifier, position, able', 'FROM abilities ORDER BY identifier, position'],
  [
    'settlement',
    'contact, position, updated_at, withdrawn_at',
    'FROM settlements ORDER BY contact, position'
  ],
  ['key', 'key, position, email, phone_number', 'FROM idempotency_keys ORDER BY key'],
  ['ruling', 'one, other, forbidden, allowed_since, asserted', 'FROM rulings ORDER BY one, other'],
  [
    'decision',
    'position, type, actor, reason, decided_at, one, other, observation, kind, sharing_limit',
    'FROM decisions ORDER BY position'
  ],
  [
    'merge',
    'cause, absorbed, survivor, position, recorded_at',
    'FROM merges ORDER BY cause, absorbed'
  ],
  [
    'split',
    'cause, contact, identity, primary_id, position, recorded_at',
    'FROM splits ORDER BY cause, contact'
  ],
  ['size', 'identity, contacts', 'FROM sizes ORDER BY identity'],
  [
    'size class',
    'up_to, identities, contacts',
    'FROM size_classes WHERE identities <> 0 OR contacts <> 0 ORDER BY up_to'
  ],
  ['event type', 'type, events', 'FROM event_types ORDER BY type'],
  ['day', 'day, merges, splits', 'FROM days ORDER BY day']
]

/**
 * SHA-256, in hex, of the read model's rows as JSON lines, in canonical order: all that answers rest
 * on, but for the shape of the forest. It depends on nothing but the events, so two ledgers with the
 * same events agree. Reads everything.
 */
export function digestOf(db: Database.Database): string {
  const hash = createHash('sha256')
  for (const [name, columns, rows] of dumps) {
    let lines: string[] = []
    // SQLite writes the same JSON as JavaScript does, and in less than half the time.
    const sql = `SELECT json_array('${name}', ${columns}) ${rows}`
    for (const line of db.prepare<[], string>(sql).pluck().iterate()) {
      lines.push(line)
      if (lines.length < 1_000) continue
      hash.update(`${lines.join('\n')}\n`)
      lines = []
    }
    hash.update(lines.map((line) => `${line}\n`).join(''))
  }
  return hash.digest('hex')
}
