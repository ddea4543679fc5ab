import type { IdentifierNumber } from './event.ts'
import { keyOf } from './graph.ts'
import type { Group, Standing } from './groups.ts'

/**
 * The groups of a state that were not just so in the one before, or in which any of these stands. Links
 * need not be compared: of one that came, went, or is live since another position, an end is among
 * these, or its groups differ.
 */
export function changedGroups(
  before: readonly Group[],
  after: readonly Group[],
  relinked: ReadonlySet<IdentifierNumber>
): readonly Group[] {
  const was = new Map(before.map((group) => [keyOfGroup(group), group]))
  return after.filter(
    (group) =>
      !sameGroup(was.get(keyOfGroup(group)), group) ||
      group.identifiers.some((one) => relinked.has(one))
  )
}

/** What no other group of the same state is called. */
function keyOfGroup({ identifiers, alone }: Group): string | number {
  return alone === null ? identifiers.reduce((a, b) => Math.min(a, b)) : keyOf(alone)
}

function sameGroup(one: Group | undefined, other: Group): boolean {
  if (one?.identifiers.length !== other.identifiers.length) return false
  if (one.contacts.length !== other.contacts.length) return false
  const identifiers = new Set(one.identifiers)
  return (
    other.identifiers.every((identifier) => identifiers.has(identifier)) &&
    other.contacts.every((contact, nth) => sameStanding(one.contacts[nth], contact))
  )
}

/** Whether a contact stands where it stood, and shows the same there: a live one lists something. */
function sameStanding(one: Standing | undefined, other: Standing): boolean {
  return (
    one?.id === other.id &&
    keyOf(one.home) === keyOf(other.home) &&
    one.listsEmail === other.listsEmail &&
    one.listsPhoneNumber === other.listsPhoneNumber
  )
}
