import { createHash } from 'node:crypto'
import type { Conclusions, Merge } from '../src/domain/identity.ts'

/** An identifier's value by its number. */
export type ValueOf = (number: number) => string | null

/** What a digest is taken of: the rows of a read model, in canonical order. */
export type Rows = {
  readonly contacts: Iterable<Conclusions['contacts'][number]>
  readonly links: Iterable<Conclusions['links'][number]>
  readonly merges: Iterable<Merge>
}

/**
 * SHA-256, in hex, of the rows as JSON lines: contacts by id with their values, links by pair,
 * merges by cause. It depends on nothing but the events, so two ledgers with the same events agree.
 */
export function digest({ contacts, links, merges }: Rows, value: ValueOf): string {
  const hash = createHash('sha256')
  let lines: string[] = []
  const add = (...row: unknown[]) => {
    lines.push(JSON.stringify(row))
    if (lines.length < 1_000) return
    hash.update(`${lines.join('\n')}\n`)
    lines = []
  }
  const text = (number: number | null) => (number === null ? null : value(number))
  for (const { id, email, phoneNumber, linkedId, createdAt, updatedAt, deletedAt } of contacts) {
    add('contact', id, text(email), text(phoneNumber), linkedId, createdAt, updatedAt, deletedAt)
  }
  for (const { email, phoneNumber, count, first, latest } of links) {
    add('link', email, phoneNumber, count, first, latest)
  }
  for (const { cause, survivor, absorbed } of merges) add('merge', cause, survivor, absorbed)
  hash.update(lines.map((line) => `${line}\n`).join(''))
  return hash.digest('hex')
}
