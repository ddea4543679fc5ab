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
export function listed(all: readonly (Mention | string)[]): Words {
  return all.flatMap((one, nth) => {
    if (nth === 0) return [one]
    return [nth === all.length - 1 ? ' and ' : ', ', one]
  })
}
