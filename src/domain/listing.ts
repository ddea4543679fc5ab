import { type Identity, identityWith, type Member } from './answer.ts'
import type { ContactId } from './event.ts'

/**
 * What an identity lists, kept for its next answer: another contact costs what it brings, and another
 * identity what the smaller of the two is. `answerOf` says the same of contacts at once.
 */
export type Listing = { readonly emails: Column; readonly phoneNumbers: Column }

/** The values of one kind. */
type Column = {
  readonly of: (contact: Member) => string | null
  /** For each value the oldest contact that has it, oldest first. */
  firsts: Member[]
  /**
   * The same by value, in several maps: the column's own, then those of columns that joined it. The
   * first that knows a value is right, later ones may be out of date. To copy a hundred thousand
   * values into one map takes longer than all the rest.
   */
  readonly oldest: Map<string, ContactId>[]
}

/** From how many values on a column that joins another brings its maps along, and is not copied. */
const manyValues = 10_000

/** How many maps a column has at most: each is asked for every value that is new. */
const mostMaps = 4

/** Lists contacts, oldest first. */
export function listingOf(contacts: readonly Member[]): Listing {
  const listing = {
    emails: columnOf(({ email }) => email),
    phoneNumbers: columnOf(({ phoneNumber }) => phoneNumber)
  }
  list(listing, contacts)
  return listing
}

/** Lists more contacts, oldest first, whatever their age is beside those that are listed. */
export function list({ emails, phoneNumbers }: Listing, more: readonly Member[]) {
  enter(emails, more)
  enter(phoneNumbers, more)
}

/**
 * Lists what another listing lists. The other must not be used afterwards: its maps may be part of
 * this one. `many` is how many values a column has whose maps are kept.
 */
export function join(listing: Listing, other: Listing, many = manyValues) {
  const columns = [
    [listing.emails, other.emails],
    [listing.phoneNumbers, other.phoneNumbers]
  ] as const
  for (const [column, { firsts, oldest }] of columns) {
    const fits = column.oldest.length + oldest.length <= mostMaps
    enter(column, firsts, fits && firsts.length >= many ? oldest : [])
  }
}

/** Whether a value is listed. */
export function hasValue(
  { emails, phoneNumbers }: Listing,
  column: 'email' | 'phoneNumber',
  value: string
): boolean {
  const { oldest } = column === 'email' ? emails : phoneNumbers
  return oldestWith(oldest, value) !== undefined
}

/** The answer for these contacts, oldest first, all of which are listed. It never changes again. */
export function answerFrom(
  { emails, phoneNumbers }: Listing,
  contacts: readonly Member[]
): Identity {
  const ids = contacts.map(({ id }) => id)
  return identityWith(ids, valuesOf(emails), valuesOf(phoneNumbers))
}

/**
 * Puts contacts, oldest first, among others that are sorted alike, in place. Only those move that are
 * younger than the first of them.
 */
export function mergeByAge(sorted: Member[], more: readonly Member[]) {
  const [first] = more
  if (first === undefined) return
  const younger = sorted.splice(placeOf(sorted, first.id))
  let nth = 0
  for (const one of more) {
    for (let next = younger[nth]; next !== undefined && next.id < one.id; next = younger[++nth]) {
      sorted.push(next)
    }
    sorted.push(one)
  }
  for (; nth < younger.length; nth++) sorted.push(younger[nth] as Member)
}

function columnOf(of: Column['of']): Column {
  return { of, firsts: [], oldest: [new Map()] }
}

/**
 * Enters contacts, oldest first. `apart` are maps that hold their values already, and are taken over;
 * without any, the values are put into the column's own.
 */
function enter(
  column: Column,
  more: readonly Member[],
  apart: readonly Map<string, ContactId>[] = []
) {
  const { of, oldest } = column
  const [main] = oldest as [Map<string, ContactId>]
  const firsts: Member[] = []
  let anyOlder = false
  for (const contact of more) {
    const value = of(contact)
    if (value === null) continue
    const before = oldestWith(oldest, value)
    if (before !== undefined && before < contact.id) continue
    if (before !== undefined) anyOlder = true
    if (before !== undefined || apart.length === 0) main.set(value, contact.id)
    firsts.push(contact)
  }
  if (anyOlder)
    column.firsts = column.firsts.filter((one) => oldestWith(oldest, of(one) as string) === one.id)
  mergeByAge(column.firsts, firsts)
  oldest.push(...apart)
}

/** The oldest contact that has a value, by the first map that knows it. */
function oldestWith(maps: readonly Map<string, ContactId>[], value: string): ContactId | undefined {
  for (const map of maps) {
    const found = map.get(value)
    if (found !== undefined) return found
  }
  return undefined
}

function valuesOf({ of, firsts }: Column): string[] {
  return firsts.map(of) as string[]
}

/** How many of these contacts, oldest first, are older than one. */
function placeOf(sorted: readonly Member[], id: ContactId): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((sorted[middle] as Member).id < id) from = middle + 1
    else to = middle
  }
  return from
}
