import type { ContactId } from './event.ts'
import { type KnownGroup, primaryOf, whole } from './known-group.ts'
import { emptyNeighbourhood, type Neighbourhood } from './neighbourhood.ts'

/** How much a neighbourhood holds, in contacts, values and keys. */
export type MemoryLimits = {
  /** So much at most: with more it lets go of what it can load again. */
  readonly held: number
  /**
   * Identities of so many contacts are kept then, and may be loaded before anybody asks: the largest,
   * and others while all of these fill no more than half of it. More than two: smaller ones are not
   * found by their size.
   */
  readonly kept: number
}

export const usualMemory: MemoryLimits = { held: 500_000, kept: 1_000 }

/**
 * The neighbourhood to go on with: the same, or, if it holds too much, one that keeps its largest
 * identities and nothing else. To load one of 100,000 contacts again holds up everybody, and one that
 * is too much by itself would be loaded for each request.
 */
export function relieved(known: Neighbourhood, limits: MemoryLimits): Neighbourhood {
  if (known.size <= limits.held) return known
  const next = emptyNeighbourhood(known.limits)
  const large = [...known.groups.values()].filter(({ contacts }) => contacts.length >= limits.kept)
  for (const group of large.sort((a, b) => b.contacts.length - a.contacts.length)) {
    if (!fitsBeside(next.size, group.contacts.length, limits)) continue
    next.groups.set(primaryOf(group), group)
    next.size += group.contacts.length
  }
  return next
}

/** Whether beside larger identities, of so many contacts together, one of so many is kept. */
export function fitsBeside(larger: number, contacts: number, { held }: MemoryLimits): boolean {
  return larger === 0 || larger + contacts <= held / 2
}

/** Around which values something changed, and which identities, by their primaries. */
export type Touched = {
  readonly values: readonly string[]
  readonly primaries: Iterable<ContactId>
}

/** Lets go of values and of identities, and of everything in the groups that list them. */
export function letGo(known: Neighbourhood, { values, primaries }: Touched) {
  const forget = (value: string) => {
    if (known.places.delete(value)) known.size--
    known.stale.add(value)
  }
  const forgetAll = (top: KnownGroup) => {
    if (!known.groups.delete(primaryOf(top))) return
    known.size -= top.contacts.length
    // A contact may show a value that stands in another group, which goes on.
    for (const value of shownOrPlaced(top, known)) {
      const there = known.places.get(value)?.group
      if (there && whole(there) === top) forget(value)
    }
  }
  for (const value of values) {
    const group = known.places.get(value)?.group
    forget(value)
    if (group) forgetAll(whole(group))
  }
  // An identity that was kept may have no value in its place.
  for (const primary of primaries) {
    const group = known.groups.get(primary)
    if (group !== undefined) forgetAll(group)
  }
}

/** All that a whole group shows; or all that have a place, where these are fewer than its contacts. */
function shownOrPlaced(top: KnownGroup, { places }: Neighbourhood): Iterable<string> {
  return places.size < top.contacts.length ? places.keys() : shownBy(top)
}

function* shownBy({ contacts }: KnownGroup) {
  for (const { email, phoneNumber } of contacts) {
    if (email !== null) yield email
    if (phoneNumber !== null) yield phoneNumber
  }
}
