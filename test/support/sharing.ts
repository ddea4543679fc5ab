import type { IdentifierNumber, Recorded } from '../../src/domain/event.ts'

/** With how many others live observations show each identifier, forbidden links apart, by definition. */
export function sharingIn(told: readonly Recorded[]): Map<IdentifierNumber, number> {
  const retracted = new Set<number>()
  const forbidden = new Set<string>()
  for (const { event } of told) {
    if (event.type === 'ObservationRetracted') retracted.add(event.observation)
    if (event.type === 'LinkForbidden') forbidden.add(linkOf(...event.between))
    if (event.type === 'LinkAllowed') forbidden.delete(linkOf(...event.between))
  }
  const others = new Map<IdentifierNumber, Set<IdentifierNumber>>()
  for (const { position, event } of told) {
    if (event.type !== 'ContactObserved' || retracted.has(position)) continue
    const { email, phoneNumber } = event
    if (email === null || phoneNumber === null || forbidden.has(linkOf(email, phoneNumber)))
      continue
    others.set(email, (others.get(email) ?? new Set()).add(phoneNumber))
    others.set(phoneNumber, (others.get(phoneNumber) ?? new Set()).add(email))
  }
  return new Map([...others].map(([number, { size }]) => [number, size]))
}

function linkOf(one: IdentifierNumber, other: IdentifierNumber): string {
  return String([one, other].sort())
}
