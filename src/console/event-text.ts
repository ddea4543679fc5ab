import type { PublishedEvent } from '../published-event.ts'
import { listed, type Mention, type Words } from './words.ts'

/** How many contacts an event's text names; the rest are counted. */
const mostNamed = 5

/** What an event says, in words. */
export function eventText(event: PublishedEvent): Words {
  switch (event.type) {
    case 'ContactObserved': {
      const { email, phoneNumber, contact, source } = event.data
      const values = [
        ...(email === null ? [] : [{ identifier: `email:${email}` }]),
        ...(phoneNumber === null ? [] : [{ identifier: `phone:${phoneNumber}` }])
      ]
      const who: Words = contact === null ? ['Seen again: '] : ['New ', { contact }, ': ']
      return [...who, ...listed(values), ` (${source})`]
    }
    case 'ContactsMerged': {
      const { survivor, absorbed, cause } = event.data
      const into: Words = [' merged into ', { contact: survivor }]
      return [...someContacts(absorbed), ...into, `, because of ${cause}`]
    }
    case 'ContactsSplit': {
      const { identity, parted, cause } = event.data
      const primaries = someContacts(parted.map(({ primary }) => primary))
      const of: Words = [' parted from ', { contact: identity }]
      return [...primaries, ...of, `, because of ${cause}`]
    }
    case 'ObservationRetracted':
      return [`Observation ${event.data.observation} retracted`, ...said(event.data)]
    case 'IdentifierBlocked':
    case 'IdentifierUnblocked': {
      const done = event.type === 'IdentifierBlocked' ? ' blocked' : ' unblocked'
      return [{ identifier: event.data.identifier }, done, ...said(event.data)]
    }
    case 'LinkForbidden':
      return linkText(event.data, ' forbidden')
    case 'LinkAllowed':
      return linkText(event.data, ' allowed again')
    case 'LinkAsserted':
      return linkText(event.data, ' asserted')
    case 'AssertionWithdrawn':
      return linkText(event.data, ' asserted no more')
    case 'SharingLimitSet': {
      const { kind, limit } = event.data
      const most = limit === null ? 'no limit' : `at most ${limit} others`
      return [`Sharing of a value of kind ${kind}: ${most}`, ...said(event.data)]
    }
  }
}

type Said = { readonly actor: string; readonly reason: string }

function linkText({ between, ...by }: Said & { readonly between: [string, string] }, done: string) {
  const [one, other] = between
  return ['Link of ', { identifier: one }, ' and ', { identifier: other }, done, ...said(by)]
}

/** Who decided, and why. */
function said({ actor, reason }: Said): Words {
  return [` by ${actor}: “${reason}”`]
}

function someContacts(ids: readonly number[]): Words {
  const named: Mention[] = ids.slice(0, mostNamed).map((contact) => ({ contact }))
  const more = ids.length - named.length
  return listed(more === 0 ? named : [...named, `${more} more`])
}
