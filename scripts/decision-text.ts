import type { Identity } from '../src/domain/answer.ts'
import type { ContactId } from '../src/domain/event.ts'
import type { PublishedDecision } from '../src/published-decision.ts'

/** How many identities are told, and how many things of each. */
const most = { identities: 10, things: 5 } as const

/** What a decision changed, or would change, in words; what is large is cut short. */
export function inWords(decision: PublishedDecision, { dryRun }: { dryRun: boolean }): string[] {
  const { position, changed, before, after, moved, primaries } = decision
  const opening = dryRun ? 'Nothing was recorded.' : `Recorded at position ${position}.`
  if (!changed) return [`${opening} No identity ${dryRun ? 'would change' : 'changed'}.`]
  const now = new Map(moved.map(({ contact, to }) => [contact, to]))
  const was = new Map(moved.map(({ contact, from }) => [contact, from]))
  const parts = (identity: Identity) => {
    const count = countOf(identity, now)
    return count > 1 ? ` (into ${count})` : ''
  }
  const joined = (identity: Identity) => {
    const count = countOf(identity, was)
    return count > 1 ? ` (from ${count})` : ''
  }
  const largest = before.length > 1 ? ', the largest first' : ''
  const colon = after.length > 0 ? ':' : '.'
  const place = before.length === 1 ? 'In its place' : 'In their place'
  const stand = dryRun ? 'would be' : after.length > 1 ? 'are' : 'is'
  return [
    `${opening} ${fate({ before, after, now, was, dryRun })}${largest}:`,
    ...listed(before, parts),
    ...(before.length > 0 ? [`${place} ${stand} ${counted(after.length)}${colon}`] : []),
    ...listed(after, joined),
    ...(primaries.gained.length > 0 ? [`New primaries: ${some(primaries.gained)}.`] : []),
    ...(primaries.lost.length > 0 ? [`No longer primary: ${some(primaries.lost)}.`] : [])
  ]
}

/** What became of identities: they came apart, were joined, or some of each. */
function fate({ before, after, now, was, dryRun }: Fate): string {
  const total = counted(before.length)
  const came = dryRun ? 'would come' : 'came'
  const changed = dryRun ? 'would change' : 'changed'
  if (before.length === 0) return `${counted(after.length)} ${came} to be`
  const apart = before.filter((identity) => countOf(identity, now) > 1).length
  if (apart === before.length) return `${total} ${came} apart`
  if (apart > 0) return `${total} ${changed}, ${apart} of them ${came} apart`
  const joined = after.length > 0 && after.every((identity) => countOf(identity, was) > 1)
  return `${total} ${joined ? (dryRun ? 'would be joined' : 'were joined') : changed}`
}

type Homes = ReadonlyMap<ContactId, ContactId | null>
type Fate = Pick<PublishedDecision, 'before' | 'after'> & {
  readonly now: Homes
  readonly was: Homes
  readonly dryRun: boolean
}

/** How many identities hold the contacts of one, on the other side of the decision. */
function countOf(identity: Identity, moved: Homes): number {
  const { primaryContactId, secondaryContactIds } = identity
  const homes = [primaryContactId, ...secondaryContactIds].map((contact) => {
    const home = moved.get(contact)
    return home === undefined ? primaryContactId : home
  })
  return new Set(homes.filter((home) => home !== null)).size
}

function listed(identities: readonly Identity[], note: (identity: Identity) => string): string[] {
  const lines = identities
    .slice(0, most.identities)
    .map((identity) => `  ${told(identity)}${note(identity)}`)
  const more = identities.length - lines.length
  return more > 0 ? [...lines, `  and ${more} more`] : lines
}

function told({ primaryContactId, secondaryContactIds, emails, phoneNumbers }: Identity): string {
  const others = secondaryContactIds.length > 0 ? ` with ${some(secondaryContactIds)}` : ''
  const values = [emails, phoneNumbers].filter((those) => those.length > 0).map(some)
  return `contact ${primaryContactId}${others}: ${values.join('; ')}`
}

function some(things: readonly (string | number)[]): string {
  const more = things.length - most.things
  const shown = things.slice(0, most.things).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown
}

function counted(identities: number): string {
  if (identities === 0) return 'no identity'
  return identities === 1 ? '1 identity' : `${identities} identities`
}
