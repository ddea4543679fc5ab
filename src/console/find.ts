import type { Carriers } from '../carriers.ts'
import type { Identity } from '../domain/answer.ts'
import { ifKnown } from './api.ts'
import { carriersTold } from './carriers-told.ts'
import { element } from './element.ts'
import { contactLink } from './mentions.ts'
import type { Page, Showing } from './page.ts'
import { addressOf, endOf, type Place } from './place.ts'
import { Refusal } from './refusal.ts'
import { amount } from './words.ts'

/** Something that was found, and how. */
type Found = { readonly contact: number; readonly as: string; readonly identity: Identity | null }

/** Takes whoever looks for a value to the identity that has it; of several, they choose. */
export async function findPage(
  { value }: Extract<Place, { page: 'find' }>,
  showing: Showing
): Promise<Page> {
  const title = 'Find'
  const heading = element('h1', { tabindex: -1 }, title)
  const say = (text: string): Page => ({ title, content: [heading, element('p', {}, text)] })
  if (value === '') return say('Type an email, a phone number or a contact’s id above.')
  const found = await lookFor(value, showing)
  const [only, other] = found
  if (only === undefined) {
    const carried = await carriersOf(value, showing)
    if (carried === null) return say(`Nothing is known about ${value}.`)
    return { title, content: [heading, carriersTold(carried, showing)] }
  }
  if (other === undefined) {
    location.replace(addressOf({ page: 'contact', id: only.contact, asOf: null }))
    return say('One moment …')
  }
  return {
    title,
    content: [
      heading,
      element('p', {}, `${value} may mean:`),
      element(
        'ul',
        {},
        found.map(({ contact, as, identity }) =>
          element(
            'li',
            {},
            contactLink(contact),
            `, ${as}`,
            identity === null
              ? null
              : ` (${amount(identity.secondaryContactIds.length + 1, 'contact')})`
          )
        )
      )
    ]
  }
}

/** Who carries a value by which nobody is found, since it links nobody. */
async function carriersOf(text: string, { ask }: Showing): Promise<Carriers | null> {
  const identifier = endOf(text)
  return identifier.startsWith('contact:') ? null : unlessMalformed(ask.carriers(identifier))
}

/** All that text can mean: digits may be a phone number as well as a contact's id. */
async function lookFor(text: string, { ask }: Showing): Promise<Found[]> {
  const [, kind, bare] = /^(?:(email|phone|contact):)?(.*)$/s.exec(text) as RegExpExecArray
  const value = (bare ?? '').trim()
  const may = (one: string) => kind === undefined || kind === one
  const by = async (values: Parameters<typeof ask.identity>[0], as: string) => {
    const identity = await unlessMalformed(ask.identity(values))
    return identity === null ? [] : [{ contact: identity.primaryContactId, as, identity }]
  }
  const asContact = async () => {
    const found = await ifKnown(ask.contact(Number(value)))
    if (found === null) return []
    return [{ contact: found.contact.id, as: 'by its id', identity: found.identity }]
  }
  const id = may('contact') && /^[1-9]\d{0,14}$/.test(value)
  const lists = await Promise.all([
    id ? asContact() : [],
    may('email') && value.includes('@') ? by({ email: value }, 'with that email') : [],
    may('phone') && /\d/.test(value) && !value.includes('@')
      ? by({ phoneNumber: value }, 'with that phone number')
      : []
  ])
  return lists.flat()
}

/** What can be no email or phone number is not known either. */
async function unlessMalformed<T>(question: Promise<T>): Promise<T | null> {
  try {
    return await ifKnown(question)
  } catch (error) {
    if (error instanceof Refusal && error.status === 400) return null
    throw error
  }
}
