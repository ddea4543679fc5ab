import type { Identity } from '../domain/answer.ts'
import type { Arrivals } from './arrivals.ts'
import { type Child, element } from './element.ts'
import { longTable } from './long-table.ts'
import { contactLink, identifierLink, timeOf } from './mentions.ts'
import { addressOf } from './place.ts'

/** The contacts of an identity; of two that are picked it can be asked why they are one. */
export function contactsTable(
  { primaryContactId, secondaryContactIds }: Identity,
  { contacts }: Arrivals,
  asOf: number | null
): Child[] {
  const picked = new Set<number>()
  const ask = element('a', { class: 'button' })

  function showPicked() {
    const [one, other] = [...picked]
    const two = one !== undefined && other !== undefined
    ask.textContent = two
      ? `Why are contacts ${one} and ${other} one person?`
      : 'Pick two contacts to see why they are one person'
    if (!two) return ask.removeAttribute('href')
    const [from, to] = [`contact:${one}`, `contact:${other}`]
    ask.href = addressOf({ page: 'why', from, to, step: 1, asOf })
  }

  const boxes = new Map<number, HTMLInputElement>()
  const pick = (id: number) => {
    const box = element('input', {
      type: 'checkbox',
      'aria-label': `Pick contact ${id}`,
      onchange() {
        if (!box.checked) picked.delete(id)
        else {
          const [oldest] = picked
          // A third one takes the place of the first.
          if (picked.size === 2 && oldest !== undefined) {
            picked.delete(oldest)
            const freed = boxes.get(oldest)
            if (freed) freed.checked = false
          }
          picked.add(id)
        }
        showPicked()
      }
    })
    boxes.set(id, box)
    return box
  }

  showPicked()
  const value = (kind: 'email' | 'phone', text: string | null | undefined) =>
    text ? identifierLink(`${kind}:${text}`) : '—'
  return [
    longTable(
      'Contacts',
      [
        { name: 'Pick', cell: pick },
        { name: 'Contact', heads: true, cell: contactLink },
        { name: 'Role', cell: (id) => (id === primaryContactId ? 'primary' : 'secondary') },
        { name: 'Email', cell: (id) => value('email', contacts.get(id)?.data.email) },
        { name: 'Phone', cell: (id) => value('phone', contacts.get(id)?.data.phoneNumber) },
        {
          name: 'Came',
          cell(id) {
            const came = contacts.get(id)
            return came === undefined ? 'later in the history' : timeOf(came.recordedAt)
          }
        }
      ],
      [primaryContactId, ...secondaryContactIds]
    ),
    element('p', { class: 'pick' }, ask)
  ]
}
