import type { Identity, Member } from './answer.ts'
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
  readonly oldest: Map<string, ContactId>
}

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

/** Lists what another listing lists. */
export function join(listing: Listing, other: Listing) {
  enter(listing.emails, other.emails.firsts)
  enter(listing.phoneNumbers, other.phoneNumbers.firsts)
}

/** The answer for these contacts, oldest first, all of which are listed. It never changes again. */
export function answerFrom(
  { emails, phoneNumbers }: Listing,
  contacts: readonly Member[]
): Identity {
  const [primaryContactId = 0, ...secondaryContactIds] = contacts.map(({ id }) => id)
  return {
    primaryContactId,
    emails: valuesOf(emails),
    phoneNumbers: valuesOf(phoneNumbers),
    secondaryContactIds
  }
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
  return { of, firsts: [], oldest: new Map() }
}

function enter(column: Column, more: readonly Member[]) {
  const { of, oldest } = column
  const firsts: Member[] = []
  let anyOlder = false
  for (const contact of more) {
    const value = of(contact)
    if (value === null) continue
    const before = oldest.get(value)
    if (before !== undefined && before < contact.id) continue
    if (before !== undefined) anyOlder = true
    oldest.set(value, contact.id)
    firsts.push(contact)
  }
  if (anyOlder)
    column.firsts = column.firsts.filter((one) => oldest.get(of(one) as string) === one.id)
  mergeByAge(column.firsts, firsts)
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
