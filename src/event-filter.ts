import type { ContactId, LedgerEvent } from './domain/event.ts'

/** Which events a reader wants: those of some types, and those that name a contact; null is any. */
export type EventFilter = {
  readonly types: readonly string[] | null
  readonly contact: ContactId | null
}

/** Whether a filter lets an event through. */
export function passes({ types, contact }: EventFilter, event: LedgerEvent): boolean {
  if (types !== null && !types.includes(event.type)) return false
  return contact === null || concerns(event, contact)
}

/** Whether an event names a contact: as minted, kept, absorbed, or in a part of a split. */
export function concerns(event: LedgerEvent, contact: ContactId): boolean {
  switch (event.type) {
    case 'ContactObserved':
      return event.contact === contact
    case 'ContactsMerged':
      return event.survivor === contact || event.absorbed.includes(contact)
    case 'ContactsSplit':
      return (
        event.identity === contact ||
        event.parted.some(({ contacts }) => contacts.includes(contact))
      )
    // Decisions are on observations and identifiers.
    case 'ObservationRetracted':
    case 'IdentifierBlocked':
    case 'IdentifierUnblocked':
    case 'LinkForbidden':
    case 'LinkAllowed':
    case 'LinkAsserted':
    case 'AssertionWithdrawn':
    case 'SharingLimitSet':
      return false
  }
}
