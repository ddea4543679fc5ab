import type { Carriers } from '../carriers.ts'
import { corrections } from './correction.ts'
import { type Child, element } from './element.ts'
import { contactLink } from './mentions.ts'
import type { Showing } from './page.ts'
import { amount, valueIn } from './words.ts'

/** A value that leads to no one identity: what it is, and each contact that carries it. */
export function carriersTold(
  { identifier, links, sharing, contacts, more }: Carriers,
  showing: Showing
): Child[] {
  const value = valueIn(identifier)
  const oldest = more ? `, the oldest ${contacts.length}` : ''
  return [
    element(
      'p',
      {},
      links
        ? `${value} is carried by nobody any more.`
        : `${value} links nobody: it is blocked, or over its sharing limit. It was seen with ${amount(sharing, 'other')}.`
    ),
    links
      ? null
      : corrections(showing)(`Unblock ${value}`, 'Unblock', {
          type: 'IdentifierUnblocked',
          identifier
        }),
    contacts.length === 0
      ? null
      : [
          element('h2', {}, `Contacts that carry it${oldest}`),
          element(
            'ul',
            { class: 'carriers' },
            contacts.map((id) => element('li', {}, contactLink(id)))
          )
        ]
  ]
}
