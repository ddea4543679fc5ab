import type { PublishedEvent } from '../published-event.ts'

/** When each value and each contact came, as far as the history is known. */
export type Arrivals = {
  readonly values: ReadonlyMap<string, string>
  readonly contacts: ReadonlyMap<number, Arrival>
}

/** The observation that a contact came by. */
export type Arrival = Extract<PublishedEvent, { type: 'ContactObserved' }>

/** Reads from a history, oldest first, when each value and contact came. */
export function arrivalsIn(events: readonly PublishedEvent[]): Arrivals {
  const values = new Map<string, string>()
  const contacts = new Map<number, Arrival>()
  for (const event of events) {
    if (event.type !== 'ContactObserved') continue
    const { email, phoneNumber, contact } = event.data
    for (const name of [email && `email:${email}`, phoneNumber && `phone:${phoneNumber}`]) {
      if (name && !values.has(name)) values.set(name, event.recordedAt)
    }
    if (contact !== null) contacts.set(contact, event)
  }
  return { values, contacts }
}
