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
  const [was, is] = [answers(graph, before), answers(graph, after)]
  const primaryBefore = primariesOf(was.values())
  const primaryAfter = primariesOf(is.values())
  const contacts = [...new Set([...primaryBefore.keys(), ...primaryAfter.keys()])]
  const moved = contacts
    .map((contact) => ({
      contact,
      from: primaryBefore.get(contact) ?? null,
      to: primaryAfter.get(contact) ?? null
    }))
    .filter(({ from, to }) => from !== to)
    .sort((a, b) => a.contact - b.contact)
  const gone = [...was].filter(([told]) => !is.has(told)).map(([, identity]) => identity)
  const come = [...is].filter(([told]) => !was.has(told)).map(([, identity]) => identity)
  return {
    changed: gone.length + come.length > 0,
    before: gone.sort(largestFirst),
    after: come.sort(largestFirst),
    moved
  }
}

/** The answers of groups, by all that they say. */
function answers(graph: Graph, groups: readonly Group[]): Map<string, Identity> {
  return new Map(
    groups
      .map((group) => answerOfGroup(graph, group))
      .filter((identity) => identity !== null)
      .map((identity) => [JSON.stringify(identity), identity])
  )
}

function primariesOf(identities: Iterable<Identity>): Map<ContactId, ContactId> {
  const primaries = new Map<ContactId, ContactId>()
  for (const { primaryContactId, secondaryContactIds } of identities) {
    for (const id of [primaryContactId, ...secondaryContactIds]) primaries.set(id, primaryContactId)
  }
  return primaries
}

function largestFirst(a: Identity, b: Identity): number {
  return (
    b.secondaryContactIds.length - a.secondaryContactIds.length ||
    a.primaryContactId - b.primaryContactId
  )
}
