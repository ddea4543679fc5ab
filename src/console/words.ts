import { element } from './element.ts'
import { addressOf } from './place.ts'

/** Something that text speaks of and that has a page of its own. */
export type Mention =
  | { readonly contact: number }
  /** `email:ADDRESS` or `phone:NUMBER`. */
  | { readonly identifier: string }
  | { readonly time: string }

/** Words, with what they mention. */
export type Words = readonly (string | Mention)[]

const timeFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const numberFormat = new Intl.NumberFormat()

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

/** A time in the reader's own zone and manner. */
export function timeText(iso: string): string {
  return timeFormat.format(new Date(iso))
}

/** A number in the reader's manner. */
export function numberText(number: number): string {
  return numberFormat.format(number)
}

/** So many of something: `1 contact`, `2 contacts`. */
export function amount(number: number, one: string, many = `${one}s`): string {
  return `${numberText(number)} ${number === 1 ? one : many}`
}

/** The value that an identifier's name holds. */
export function valueIn(identifier: string): string {
  return identifier.replace(/^(email|phone):/, '')
}

/** What an identifier is: `email` or `phone`. */
export function kindOf(identifier: string): 'email' | 'phone' {
  return identifier.startsWith('email:') ? 'email' : 'phone'
}

/** Puts words in a row: `a`, `a and b`, `a, b and c`. */
export function listed(all: readonly Mention[]): Words {
  return all.flatMap((one, nth) => {
    if (nth === 0) return [one]
    return [nth === all.length - 1 ? ' and ' : ', ', one]
  })
}
