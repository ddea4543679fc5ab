import type { Identity } from '../domain/answer.ts'
import type { PublishedEvent } from '../published-event.ts'
import { type Child, element } from './element.ts'
import { contactLink, identifierLink, timeOf } from './mentions.ts'
import { amount } from './words.ts'

/** How many values of a kind a card shows before it folds the rest. */
const mostOpen = 20

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

/** An identity at a glance: its primary, how much it holds, and its values with when they came. */
export function identityCard(identity: Identity, { values }: Arrivals): HTMLElement {
  const { primaryContactId, secondaryContactIds, emails, phoneNumbers } = identity
  const valueList = (name: string, kind: string, all: readonly string[]) => {
    const items = all.map((value) => {
      const since = values.get(`${kind}:${value}`)
      const came = since === undefined ? null : [' since ', timeOf(since)]
      return element('li', {}, identifierLink(`${kind}:${value}`), came)
    })
    return element('section', {}, element('h3', {}, `${name} (${all.length})`), foldedList(items))
  }
  return element(
    'section',
    { class: 'card', 'aria-labelledby': 'card-title' },
    element('h2', { id: 'card-title' }, 'The identity'),
    element(
      'p',
      {},
      'Primary: ',
      contactLink(primaryContactId),
      secondaryContactIds.length === 0
        ? ', alone.'
        : `, with ${amount(secondaryContactIds.length, 'secondary contact')}.`
    ),
    element(
      'div',
      { class: 'columns' },
      valueList('Emails', 'email', emails),
      valueList('Phone numbers', 'phone', phoneNumbers)
    )
  )
}

function foldedList(items: readonly HTMLLIElement[]): Child {
  if (items.length === 0) return element('p', {}, 'None.')
  const open = element('ul', { class: 'values' }, items.slice(0, mostOpen))
  const rest = items.slice(mostOpen)
  if (rest.length === 0) return open
  return [
    open,
    element(
      'details',
      {},
      element('summary', {}, `${rest.length} more`),
      element('ul', { class: 'values' }, rest)
    )
  ]
}
