import type { ContactId, IdentifierNumber, Position, Recorded, Timestamp } from './event.ts'
import { emptyForest, join, joinedAt, type MergeForest, rootOf } from './merge-forest.ts'

/** A contact as the statement's table has it, its values by number and its times in ms. */
export type Contact = {
  readonly id: ContactId
  readonly email: IdentifierNumber | null
  readonly phoneNumber: IdentifierNumber | null
  /** The primary of its identity; null for the primary itself. */
  readonly linkedId: ContactId | null
  readonly createdAt: Timestamp
  /** When it was minted or last linked to another primary, whichever came later. */
  readonly updatedAt: Timestamp
  readonly deletedAt: Timestamp | null
}

/** Two identifiers that belong together, and the observations that say so. */
export type Link = {
  readonly email: IdentifierNumber
  readonly phoneNumber: IdentifierNumber
  readonly count: number
  readonly first: Position
  readonly latest: Position
}

/** A primary that was absorbed, by which, and the event that caused it. */
export type Merge = {
  readonly cause: Position
  readonly survivor: ContactId
  readonly absorbed: ContactId
}

/** What follows from a set of facts, in canonical order: by id, by pair, by cause. */
export type Conclusions = {
  readonly contacts: readonly Contact[]
  readonly links: readonly Link[]
  readonly merges: readonly Merge[]
}

/**
 * What was observed, by position, in arrays of numbers (0 for null), and the merges as recorded.
 * Kept apart from what follows from it, so that hearing an event twice, late or early is no matter.
 */
export type Facts = {
  readonly email: IdentifierNumber[]
  readonly phoneNumber: IdentifierNumber[]
  readonly contact: ContactId[]
  readonly observedAt: Timestamp[]
  readonly recorded: Map<Position, readonly Merge[]>
}

/** Before anything was observed. */
export function noFacts(): Facts {
  return { email: [], phoneNumber: [], contact: [], observedAt: [], recorded: new Map() }
}

/** Takes one event to the facts, in place. Idempotent and commutative. */
export function evolve(facts: Facts, { position, event }: Recorded): Facts {
  switch (event.type) {
    case 'ContactObserved':
      facts.email[position] = event.email ?? 0
      facts.phoneNumber[position] = event.phoneNumber ?? 0
      facts.contact[position] = event.contact ?? 0
      facts.observedAt[position] = event.observedAt
      return facts
    case 'ContactsMerged': {
      const { cause, survivor } = event
      facts.recorded.set(
        position,
        event.absorbed.map((absorbed) => ({ cause, survivor, absorbed }))
      )
      return facts
    }
  }
}

/** The facts that a history tells, in any order, with any repetition. */
export function fold(history: Iterable<Recorded>): Facts {
  const facts = noFacts()
  for (const recorded of history) evolve(facts, recorded)
  return facts
}

/** The merges that the log recorded, in canonical order. */
export function recordedMerges(facts: Facts): Merge[] {
  return [...facts.recorded.values()]
    .flat()
    .sort((a, b) => a.cause - b.cause || a.absorbed - b.absorbed)
}

/**
 * Derives contacts, links and merges from nothing but what was observed. The recorded outcomes play
 * no part, so that they can be held against what is derived here.
 */
export function conclude(facts: Facts): Conclusions {
  const forest = emptyForest()
  /** The oldest contact of each set, by its root. */
  const oldest: ContactId[] = []
  const minted: { id: ContactId; position: Position; home: IdentifierNumber }[] = []
  const links: Links = new Map()
  const merges: Merge[] = []

  facts.observedAt.forEach((_, position) => {
    const email = facts.email[position] as number
    const phoneNumber = facts.phoneNumber[position] as number
    const contact = facts.contact[position] as number
    let root = rootOf(forest, email || phoneNumber)
    if (email !== 0 && phoneNumber !== 0) {
      see(links, email, phoneNumber, position)
      const other = rootOf(forest, phoneNumber)
      if (other !== root) {
        const primaries = [oldest[root], oldest[other]].filter((id) => id !== undefined)
        const [survivor, absorbed] = primaries.sort((a, b) => a - b)
        root = join(forest, root, other, position)
        if (survivor !== undefined) oldest[root] = survivor
        if (survivor !== undefined && absorbed !== undefined) {
          merges.push({ cause: position, survivor, absorbed })
        }
      }
    }
    if (contact !== 0) {
      minted[contact] = { id: contact, position, home: email || phoneNumber }
      oldest[root] = Math.min(oldest[root] ?? contact, contact)
    }
  })

  const contacts = minted
    .filter((contact) => contact !== undefined)
    .map(({ id, position, home }): Contact => {
      const primary = oldest[rootOf(forest, home)] as ContactId
      const createdAt = facts.observedAt[position] as Timestamp
      return {
        id,
        email: facts.email[position] || null,
        phoneNumber: facts.phoneNumber[position] || null,
        linkedId: primary === id ? null : primary,
        createdAt,
        updatedAt: lastLinked(forest, facts, position, home, minted[primary]?.home as number),
        deletedAt: null
      }
    })
  return {
    contacts,
    links: [...links.values()]
      .flatMap((ofEmail) => [...ofEmail.values()])
      .sort((a, b) => a.email - b.email || a.phoneNumber - b.phoneNumber),
    merges
  }
}

/** The links of each email by their phones. */
type Links = Map<IdentifierNumber, Map<IdentifierNumber, Link>>

/** When a contact's home came to its primary's, or when it was minted if that was later. */
function lastLinked(
  forest: MergeForest,
  facts: Facts,
  minted: Position,
  home: IdentifierNumber,
  primaryHome: IdentifierNumber
): Timestamp {
  const createdAt = facts.observedAt[minted] as Timestamp
  const joined = joinedAt(forest, home, primaryHome)
  if (joined === null || joined <= minted) return createdAt
  return Math.max(createdAt, facts.observedAt[joined] as Timestamp)
}

function see(
  links: Links,
  email: IdentifierNumber,
  phoneNumber: IdentifierNumber,
  position: Position
) {
  const ofEmail = links.get(email) ?? new Map<IdentifierNumber, Link>()
  if (ofEmail.size === 0) links.set(email, ofEmail)
  const known = ofEmail.get(phoneNumber)
  ofEmail.set(phoneNumber, {
    email,
    phoneNumber,
    count: (known?.count ?? 0) + 1,
    first: known?.first ?? position,
    latest: position
  })
}
