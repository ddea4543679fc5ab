import { type Decided, type Named, type Next, record } from './decided.ts'
import type { ContactObserved, IdentifierNumber } from './event.ts'
import { canLink, type Evidence } from './graph.ts'
import { type HidingIdentity, listsQuietly } from './hidden.ts'

/** A value beside which another decides where their observation stands. */
export type Bystander = {
  readonly number: IdentifierNumber
  /** Whether the identity of the other value lists it already. */
  readonly listed: boolean
  /** That identity, where it hides something; null elsewhere, and where the other value is new. */
  readonly hiding: HidingIdentity | null
}

/** Whether a value links nobody, and what it adds to an identity shows nothing that this hides. */
export function standsByQuietly(
  { number, listed, hiding }: Bystander,
  evidence: Evidence
): boolean {
  if (canLink(evidence, number)) return false
  return listed || hiding === null || listsQuietly(evidence, hiding, number)
}

/**
 * Decides an observation of a bystander and another value. The bystander links nobody, before or after, so
 * the observation stands where the other value does. Nothing that is hidden there comes to be shown, and the
 * other value stays within its limit: nobody moves, and nothing is shown but what the observation adds.
 */
export function decideBeside(
  bystander: Bystander,
  asked: ContactObserved,
  { identifiers }: Named,
  next: Next
): Decided {
  const introduces = identifiers
    .map(({ number }) => number)
    .filter((one) => (one === bystander.number ? !bystander.listed : one >= next.identifier))
  const observed: ContactObserved =
    introduces.length === 0
      ? { ...asked, contact: null }
      : { ...asked, contact: next.contact, introduces }
  return { events: record([observed], identifiers, next), reshaping: null }
}
