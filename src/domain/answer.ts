import { type Static, Type } from '@sinclair/typebox'
import { ContactId } from './event.ts'

/** An identity as `/identify` answers it: its values and ids by the age of their contacts. */
export const Identity = Type.Object({
  primaryContactId: ContactId,
  emails: Type.Array(Type.String()),
  phoneNumbers: Type.Array(Type.String()),
  secondaryContactIds: Type.Array(ContactId)
})
export type Identity = Static<typeof Identity>

/** A contact of an identity, with its values. */
export type Member = {
  readonly id: ContactId
  readonly email: string | null
  readonly phoneNumber: string | null
}

/** The answer for an identity with these contacts, oldest first: no value is repeated. */
export function answerOf(contacts: readonly Member[]): Identity {
  const [emails, phoneNumbers] = [new Set<string>(), new Set<string>()]
  const ids: ContactId[] = []
  for (const { id, email, phoneNumber } of contacts) {
    ids.push(id)
    if (email !== null) emails.add(email)
    if (phoneNumber !== null) phoneNumbers.add(phoneNumber)
  }
  const [primaryContactId = 0, ...secondaryContactIds] = ids
  return {
    primaryContactId,
    emails: [...emails],
    phoneNumbers: [...phoneNumbers],
    secondaryContactIds
  }
}
