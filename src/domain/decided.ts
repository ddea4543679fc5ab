import type {
  ContactId,
  ContactObserved,
  IdentifierNumber,
  LedgerEvent,
  Position,
  Recorded,
  Timestamp
} from './event.ts'
import type { Identifier } from './identifier.ts'
import type { Reshaping } from './reshape.ts'

/** The next of everything that is numbered, and the time of writing. */
export type Next = {
  readonly position: Position
  readonly contact: ContactId
  readonly identifier: IdentifierNumber
  readonly now: Timestamp
}

/** The events that were decided, and what they do to identities where that had to be worked out. */
export type Decided = {
  readonly events: Recorded[]
  readonly reshaping: Reshaping | null
  /** Whether decisions have a say in it, but the same was observed before, so that nothing changes. */
  readonly repeats?: true
}

/** A request by numbers: what it names, and whether it names anything for the first time. */
export type Named = Pick<ContactObserved, 'email' | 'phoneNumber'> & {
  readonly identifiers: readonly Identifier[]
  readonly news: boolean
}

/** Events where they will stand in the log. The first of them names the identifiers. */
export function record(
  events: readonly LedgerEvent[],
  identifiers: readonly Identifier[],
  { position, now }: Next
): Recorded[] {
  return events.map((event, nth) => ({
    position: position + nth,
    recordedAt: now,
    event,
    identifiers: nth === 0 ? identifiers : []
  }))
}
