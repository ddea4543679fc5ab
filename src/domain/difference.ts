import { answerOfGroup, type Identity } from './answer.ts'
import type { ContactId } from './event.ts'
import type { Graph } from './graph.ts'
import type { Group } from './groups.ts'
import type { Reshaping } from './reshape.ts'

/** A contact that has another primary than before; null before it was live, or once withdrawn. */
export type Move = {
  readonly contact: ContactId
  readonly from: ContactId | null
  readonly to: ContactId | null
}

/** What an event changed, told of identities. */
export type Difference = {
  readonly changed: boolean
  /** The identities that are not any more as they were, the largest first; and what they became. */
  readonly before: readonly Identity[]
  readonly after: readonly Identity[]
  /** Contacts that have another primary, by id. A primary is its own. */
  readonly moved: readonly Move[]
}

/** Tells a reshaping by the identities that differ. */
export function differenceOf({ graph, before, after }: Reshaping): Difference {
  const [was, is] = [identitiesOf(graph, before), identitiesOf(graph, after)]
  const [primaryBefore, primaryAfter] = [primariesOf(was.values()), primariesOf(is.values())]
  const moved: Move[] = []
  for (const [contact, from] of primaryBefore) {
    const to = primaryAfter.get(contact) ?? null
    if (from !== to) moved.push({ contact, from, to })
  }
  for (const [contact, to] of primaryAfter) {
    if (!primaryBefore.has(contact)) moved.push({ contact, from: null, to })
  }
  const gone = [...was.values()].filter((one) => !same(one, is.get(one.primaryContactId)))
  const come = [...is.values()].filter((one) => !same(one, was.get(one.primaryContactId)))
  return {
    changed: gone.length + come.length > 0,
    before: gone.sort(largestFirst),
    after: come.sort(largestFirst),
    moved: moved.sort((a, b) => a.contact - b.contact)
  }
}

/** The identities that groups are, by their primaries. */
function identitiesOf(graph: Graph, groups: readonly Group[]): Map<ContactId, Identity> {
  const identities = groups.flatMap((group) => answerOfGroup(graph, group) ?? [])
  return new Map(identities.map((identity) => [identity.primaryContactId, identity]))
}

/** Whether two identities with the same primary are told alike. */
function same(one: Identity, other: Identity | undefined): boolean {
  return (
    other !== undefined &&
    equal(one.secondaryContactIds, other.secondaryContactIds) &&
    equal(one.emails, other.emails) &&
    equal(one.phoneNumbers, other.phoneNumbers)
  )
}

function equal<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((value, nth) => value === other[nth])
}

/** The primary of each contact that identities list. */
function primariesOf(identities: Iterable<Identity>): Map<ContactId, ContactId> {
  const primaries = new Map<ContactId, ContactId>()
  for (const { primaryContactId, secondaryContactIds } of identities) {
    primaries.set(primaryContactId, primaryContactId)
    for (const id of secondaryContactIds) primaries.set(id, primaryContactId)
  }
  return primaries
}

function largestFirst(a: Identity, b: Identity): number {
  return (
    b.secondaryContactIds.length - a.secondaryContactIds.length ||
    a.primaryContactId - b.primaryContactId
  )
}
