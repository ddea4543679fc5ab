import { type Static, Type } from '@sinclair/typebox'
import { ContactId, type IdentifierNumber } from './event.ts'
import type { Graph } from './graph.ts'
import type { Group } from './groups.ts'

/** An identity as `/identify` answers it: its values and ids by the age of their contacts. */
export const Identity = Type.Object({
  primaryContactId: ContactId,
  emails: Type.Array(Type.String()),
  phoneNumbers: Type.Array(Type.String()),
  secondaryContactIds: Type.Array(ContactId)
})
export type Identity = Static<typeof Identity>

/** A live contact of an identity, with those of its values that the identity lists. */
export type Member = {
  readonly id: ContactId
  readonly email: string | null
  readonly phoneNumber: string | null
}

/** The answer for an identity with these contacts, one at least, oldest first: no value is repeated. */
export function answerOf(contacts: readonly Member[]): Identity {
  const [emails, phoneNumbers] = [new Set<string>(), new Set<string>()]
  const ids: ContactId[] = []
  for (const { id, email, phoneNumber } of contacts) {
    ids.push(id)
    if (email !== null) emails.add(email)
    if (phoneNumber !== null) phoneNumbers.add(phoneNumber)
  }
  return identityWith(ids, [...emails], [...phoneNumbers])
}

/** The identity whose contacts have these ids, oldest first, and which lists these values. */
export function identityWith(
  ids: readonly ContactId[],
  emails: string[],
  phoneNumbers: string[]
): Identity {
  const primaryContactId = ids[0]
  if (primaryContactId === undefined) throw new Error('an identity has at least one contact')
  // By slice, since a pattern takes the ids one by one from an iterator.
  return { primaryContactId, emails, phoneNumbers, secondaryContactIds: ids.slice(1) }
}

/** The answer for a group; null when none of its contacts is live, so that it is no identity. */
export function answerOfGroup(graph: Graph, { contacts }: Group): Identity | null {
  const value = (listed: boolean, identifier: IdentifierNumber | 0) => {
    const state = listed ? graph.state(identifier) : null
    return state?.value ?? null
  }
  const members = contacts
    .filter(({ live }) => live)
    .map(({ id, email, phoneNumber, listsEmail, listsPhoneNumber }) => ({
      id,
      email: value(listsEmail, email),
      phoneNumber: value(listsPhoneNumber, phoneNumber)
    }))
  return members.length === 0 ? null : answerOf(members)
}
