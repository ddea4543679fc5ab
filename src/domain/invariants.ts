import { type Conclusions, type Contact, conclude, type Link } from './conclude.ts'
import type { ContactId, IdentifierNumber } from './event.ts'
import { type Facts, valuesAt } from './facts.ts'

/**
 * Looks at what a read model shows, at the facts that it was made of, and at what follows from them;
 * says what is wrong, in words, or null.
 */
export type Invariant = (shown: Conclusions, facts: Facts, derived: Conclusions) => string | null

/** What must hold of what any read model shows, by name. */
export const shownInvariants: Readonly<Record<string, Invariant>> = {
  'every identity has one primary, its oldest contact': ({ contacts }) => {
    const primaries = new Set(contacts.filter(isPrimary).map(({ id }) => id))
    const orphan = contacts.find(({ linkedId }) => linkedId !== null && !primaries.has(linkedId))
    if (orphan)
      return `contact ${orphan.id} is linked to ${orphan.linkedId}, which is not a primary`
    const younger = contacts.find(
      ({ id, linkedId, withdrawn }) => !withdrawn && linkedId !== null && linkedId >= id
    )
    return younger ? `contact ${younger.id} is linked to a younger one, ${younger.linkedId}` : null
  },

  'a secondary links to a primary, never to a secondary': ({ contacts }) => {
    const secondaries = new Set(contacts.filter((one) => !isPrimary(one)).map(({ id }) => id))
    const chained = contacts.find(({ linkedId }) => linkedId !== null && secondaries.has(linkedId))
    return chained ? `contact ${chained.id} is linked to the secondary ${chained.linkedId}` : null
  },

  'a contact is live if and only if a value that it brought is listed': (shown, _, derived) => {
    const expected = new Map(derived.contacts.map((contact) => [contact.id, contact]))
    const odd = shown.contacts.find(
      ({ id, withdrawn }) => expected.get(id)?.withdrawn === !withdrawn
    )
    return odd ? `contact ${odd.id} is ${odd.withdrawn ? 'withdrawn' : 'live'}` : null
  },

  'two contacts are one identity if and only if a chain of live links joins their homes': (
    shown,
    _,
    derived
  ) => {
    const expected = new Map(derived.contacts.map((contact) => [contact.id, contact]))
    for (const contact of shown.contacts) {
      const other = expected.get(contact.id)
      if (other === undefined) return `contact ${contact.id} follows from no observation`
      if (other.linkedId === contact.linkedId) continue
      const told = [contact, other].map(({ linkedId }) => linkedId ?? 'none')
      return `contact ${contact.id} is linked to ${told[0]}, but ${told[1]} follows from the links`
    }
    const lost = derived.contacts.length - shown.contacts.length
    return lost > 0 ? `${lost} contacts are missing` : null
  },

  'a link tells how often live observations show it, first and last': (shown, _, derived) => {
    const most = Math.max(shown.links.length, derived.links.length)
    for (let nth = 0; nth < most; nth++) {
      const [here, there] = [tellLink(shown.links[nth]), tellLink(derived.links[nth])]
      if (here !== there) return `the link shown is ${here}; ${there} follows from the facts`
    }
    return null
  }
}

/** What must hold of the facts of a whole log, by name. */
export const factInvariants: Readonly<Record<string, Invariant>> = {
  'a contact id is given once, in the order of the log': (_, facts) => {
    let last: ContactId | 0 = 0
    for (const [position, contact] of facts.contact.entries()) {
      if (contact === undefined || contact === 0) continue
      if (contact !== last + 1) return `position ${position} mints ${contact} after ${last}`
      last = contact
    }
    return null
  },

  'a new value is brought by a contact, and a contact brings a value': (_, facts) => {
    const seen = new Set<IdentifierNumber | 0>([0])
    for (const [position, contact] of facts.contact.entries()) {
      if (contact === undefined) continue
      const values = valuesAt(facts, position)
      const fresh = values.filter((value) => !seen.has(value))
      const brought = facts.introduces.get(position) ?? fresh
      for (const value of fresh) seen.add(value)
      const flaw = flawOfMinting(contact, values, fresh, brought)
      if (flaw !== null) return `position ${position} mints ${flaw}`
    }
    return null
  },

  'what is retracted was observed before': (_, facts) => {
    for (const [observation, position] of facts.retracted) {
      if (observation < position && facts.contact[observation] !== undefined) continue
      return `position ${position} retracts ${observation}, which is not an earlier observation`
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

/** Whether a contact is a primary: live, and linked to none. */
function isPrimary({ linkedId, withdrawn }: Contact) {
  return linkedId === null && !withdrawn
}

/** All that a link tells, whatever the order in which a read model gave it. */
function tellLink(link: Link | undefined): string {
  if (link === undefined) return 'none'
  const { email, phoneNumber, count, first, latest } = link
  return `${email} ${phoneNumber} ${count} ${first} ${latest}`
}

/** What is wrong with what an observation of these values mints, if it mints anything. */
function flawOfMinting(
  contact: ContactId | 0,
  values: readonly number[],
  fresh: readonly number[],
  brought: readonly number[]
): string | null {
  if (contact === 0) return brought.length === 0 ? null : 'none for a new value'
  if (brought.length === 0) return `${contact} for known values`
  if (fresh.some((value) => !brought.includes(value))) return `${contact}, which lacks a new value`
  const foreign = brought.some((value) => !values.includes(value))
  return foreign ? `${contact}, which brings a value that was not seen` : null
}
