import { type Static, Type } from '@sinclair/typebox'
import { ContactId, orNull, Position, type Recorded } from './domain/event.ts'

/** What recording an observation came to, without the whole identity that holds it. */
export const Receipt = Type.Object({
  /** Null where no identity holds what was recorded under the same key any more. */
  primaryContactId: orNull(ContactId),
  /** Where it stands in the log; null when it was recorded before, under the same key. */
  observation: orNull(Position),
  /** The contact that it minted, if it brought anything new. */
  contact: orNull(ContactId),
  /** The primaries that were absorbed because of it. */
  absorbed: Type.Array(ContactId)
})
export type Receipt = Static<typeof Receipt>

/** The receipt for the events that an observation put on record, under a primary. */
export function receiptOf(
  events: readonly Recorded[],
  primaryContactId: ContactId | null
): Receipt {
  const [observed] = events
  const contact = observed?.event.type === 'ContactObserved' ? observed.event.contact : null
  const absorbed = events.flatMap(({ event }) =>
    event.type === 'ContactsMerged' ? event.absorbed : []
  )
  return { primaryContactId, observation: observed?.position ?? null, contact, absorbed }
}
