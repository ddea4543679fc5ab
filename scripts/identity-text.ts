import type { Identity } from '../src/domain/answer.ts'

/** An identity in words, a line for its contacts and one for each kind of value. */
export function identityInWords(identity: Identity): string[] {
  const { primaryContactId, secondaryContactIds, emails, phoneNumbers } = identity
  const others = secondaryContactIds.length === 0 ? '' : ` with ${secondaryContactIds.join(', ')}`
  return [
    `identity of contact ${primaryContactId}${others}`,
    ...(emails.length === 0 ? [] : [`  emails: ${emails.join(', ')}`]),
    ...(phoneNumbers.length === 0 ? [] : [`  phone numbers: ${phoneNumbers.join(', ')}`])
  ]
}
