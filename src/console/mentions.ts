import { element } from './element.ts'
import { addressOf } from './place.ts'
import { timeText, valueIn, type Words } from './words.ts'

/** Words as nodes: what they mention becomes links and times. */
export function written(words: Words): (Node | string)[] {
  return words.map((word) => {
    if (typeof word === 'string') return word
    if ('time' in word) return timeOf(word.time)
    return 'contact' in word ? contactLink(word.contact) : identifierLink(word.identifier)
  })
}

/** A link to a contact's identity. */
export function contactLink(id: number): HTMLAnchorElement {
  const href = addressOf({ page: 'contact', id, asOf: null })
  return element('a', { href }, `contact ${id}`)
}

/** A link to the identity that carries an identifier. */
export function identifierLink(identifier: string): HTMLAnchorElement {
  const href = addressOf({ page: 'find', value: identifier })
  return element('a', { href, class: 'value' }, valueIn(identifier))
}

/** A time in the reader's own zone, exact to the second on demand. */
export function timeOf(iso: string): HTMLTimeElement {
  return element('time', { datetime: iso, title: iso }, timeText(iso))
}
