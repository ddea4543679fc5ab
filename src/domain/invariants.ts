import type { ContactId, IdentifierNumber } from './event.ts'
import {
  type Conclusions,
  type Contact,
  conclude,
  type Facts,
  type Link,
  type Merge,
  recordedMerges
} from './identity.ts'

/**
 * Looks at what a read model shows, at the facts that it was made of, and at what follows from them;
 * says what is wrong, in words, or null.
 */
export type Invariant = (shown: Conclusions, facts: Facts, derived?: Conclusions) => string | null

/** What must hold of what any read model shows, by name. */
export const shownInvariants: Readonly<Record<string, Invariant>> = {
  'every identity has one primary, its oldest contact': ({ contacts }) => {
    const primaries = new Set(contacts.filter(isPrimary).map(({ id }) => id))
    const orphan = contacts.find(({ linkedId }) => linkedId !== null && !primaries.has(linkedId))
    if (orphan) return `contact ${orphan.id} is linked to ${orphan.linkedId}, which is no primary`
    const younger = contacts.find(({ id, linkedId }) => linkedId !== null && linkedId >= id)
    return younger ? `contact ${younger.id} is linked to a younger one, ${younger.linkedId}` : null
  },

  'a secondary links to a primary, never to a secondary': ({ contacts }) => {
    const secondaries = new Set(contacts.filter((one) => !isPrimary(one)).map(({ id }) => id))
    const chained = contacts.find(({ linkedId }) => linkedId !== null && secondaries.has(linkedId))
    return chained ? `contact ${chained.id} is linked to the secondary ${chained.linkedId}` : null
  },

  'two contacts are one identity if and only if a chain of links joins their homes': ({
    contacts,
    links
  }) => {
    const reached = flood(links)
    const primaryOf = new Map<number, ContactId>()
    const partOf = new Map<ContactId, number>()
    for (const contact of contacts) {
      const home = homeOf(contact)
      const part = reached.get(home) ?? home
      const primary = contact.linkedId ?? contact.id
      if ((primaryOf.get(part) ?? primary) !== primary) {
        return `contact ${contact.id} is reached from another identity by a chain of links`
      }
      if ((partOf.get(primary) ?? part) !== part) {
        return `contact ${contact.id} is reached from its primary ${primary} by no chain of links`
      }
      primaryOf.set(part, primary)
      partOf.set(primary, part)
    }
    return null
  }
}

/** What must hold of the facts of a whole log, by name. */
export const factInvariants: Readonly<Record<string, Invariant>> = {
  'every merge is recorded exactly once with its cause, and nothing else is': (
    _,
    facts,
    { merges: derived } = conclude(facts)
  ) => {
    const recorded = recordedMerges(facts)
    const odd = derived.findIndex((merge, nth) => !sameMerge(merge, recorded[nth]))
    const at = odd === -1 && recorded.length > derived.length ? derived.length : odd
    if (at === -1) return null
    return `the merge that follows from the facts is ${told(derived[at])}; the one recorded is ${told(recorded[at])}`
  },

  'a contact id is given once, in the order of the log': (_, facts) => {
    let last = 0
    for (const [position, contact] of facts.contact.entries()) {
      if (contact === undefined || contact === 0) continue
      if (contact !== last + 1) return `position ${position} mints ${contact} after ${last}`
      last = contact
    }
    return null
  },

  'a contact is minted if and only if its observation brings a new value': (_, facts) => {
    const heard = new Set<IdentifierNumber>([0])
    for (const position of facts.observedAt.keys()) {
      const values = [facts.email[position] ?? 0, facts.phoneNumber[position] ?? 0]
      const mints = (facts.contact[position] ?? 0) !== 0
      if (mints !== values.some((value) => !heard.has(value))) {
        return `position ${position} ${mints ? 'mints a contact for known values' : 'mints none for a new value'}`
      }
      for (const value of values) heard.add(value)
    }
    return null
  }
}

/** All of them. */
export const invariants = { ...shownInvariants, ...factInvariants }

/** Every invariant that does not hold, as `name: what is wrong`. */
export function violations(
  shown: Conclusions,
  facts: Facts,
  derived = conclude(facts),
  asked: Readonly<Record<string, Invariant>> = invariants
): string[] {
  return Object.entries(asked).flatMap(([name, check]) => {
    const wrong = check(shown, facts, derived)
    return wrong === null ? [] : [`${name}: ${wrong}`]
  })
}

const isPrimary = ({ linkedId }: Contact) => linkedId === null

/** A contact's home is its email, else its phone. */
function homeOf({ email, phoneNumber }: Contact): IdentifierNumber {
  return email ?? phoneNumber ?? 0
}

/** For every linked identifier, the one from which a search first reached its part of the graph. */
function flood(links: readonly Link[]): Map<IdentifierNumber, IdentifierNumber> {
  const neighbours = new Map<IdentifierNumber, IdentifierNumber[]>()
  const add = (from: IdentifierNumber, to: IdentifierNumber) => {
    const known = neighbours.get(from)
    if (known) known.push(to)
    else neighbours.set(from, [to])
  }
  for (const { email, phoneNumber } of links) {
    add(email, phoneNumber)
    add(phoneNumber, email)
  }
  const reached = new Map<IdentifierNumber, IdentifierNumber>()
  for (const start of neighbours.keys()) {
    const pending = reached.has(start) ? [] : [start]
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (reached.has(at)) continue
      reached.set(at, start)
      for (const next of neighbours.get(at) as IdentifierNumber[]) pending.push(next)
    }
  }
  return reached
}

function sameMerge(a: Merge, b: Merge | undefined) {
  return a.cause === b?.cause && a.survivor === b.survivor && a.absorbed === b.absorbed
}

function told(merge: Merge | undefined) {
  return merge ? `${merge.absorbed} into ${merge.survivor} by ${merge.cause}` : 'none'
}
