import type { Identity } from '../domain/answer.ts'
import type { Arrivals } from './arrivals.ts'
import { type Child, element } from './element.ts'
import { contactLink, identifierLink, timeOf } from './mentions.ts'
import { amount } from './words.ts'

/** How many values of a kind a card shows before it folds the rest. */
const mostOpen = 20

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
