import { trail } from './chain.ts'
import type { IdentifierNumber, Position, Timestamp } from './event.ts'
import type { Identifier } from './identifier.ts'

/**
 * The live observations that carry two identifiers together: how many, the first and the latest, each
 * with the time at which it was made. Of two that were never seen together but are asserted to be one,
 * both moments are the assertion's.
 */
export type LinkEvidence = {
  readonly count: number
  readonly first: Moment
  readonly latest: Moment
}

/** A position in the log and its time. */
export type Moment = { readonly position: Position; readonly time: Timestamp }

/** One step of a proof: two identifiers, and the evidence that they belong together. */
export type Step = {
  readonly from: Identifier
  readonly to: Identifier
  readonly evidence: LinkEvidence
  /** When an operator said that they belong together; null when nobody did, or took it back. */
  readonly asserted: Moment | null
}

/** A way on from an identifier: the other end of one of its links, and since when it is live. */
export type Way = { readonly to: IdentifierNumber; readonly since: Position }

/** The live links of an identifier. */
export type WaysFrom = (identifier: IdentifierNumber) => readonly Way[]

type Side = { frontier: IdentifierNumber[]; readonly cameFrom: Map<IdentifierNumber, number> }

/**
 * The shortest chain of live links between two identifiers, both ends included; null when there is
 * none. Searches from both ends, the smaller frontier first, so that it reads little of a large
 * identity: O(links) at worst. Of equally short chains the choice depends on the evidence alone.
 */
export function shortestChain(
  waysFrom: WaysFrom,
  from: IdentifierNumber,
  to: IdentifierNumber
): IdentifierNumber[] | null {
  if (from === to) return [from]
  const near: Side = { frontier: [from], cameFrom: new Map([[from, 0]]) }
  const far: Side = { frontier: [to], cameFrom: new Map([[to, 0]]) }
  while (near.frontier.length > 0 && far.frontier.length > 0) {
    const [side, other] = near.frontier.length <= far.frontier.length ? [near, far] : [far, near]
    const meeting = advance(waysFrom, side, other)
    if (meeting !== null) {
      return [...trail(near.cameFrom, meeting).reverse(), ...trail(far.cameFrom, meeting).slice(1)]
    }
  }
  return null
}

/** Moves one side a step outwards; returns an identifier that the other side has reached too. */
function advance(waysFrom: WaysFrom, side: Side, other: Side): IdentifierNumber | null {
  const next: IdentifierNumber[] = []
  for (const identifier of side.frontier) {
    const ways = [...waysFrom(identifier)].sort((a, b) => a.since - b.since)
    for (const { to } of ways) {
      if (side.cameFrom.has(to)) continue
      side.cameFrom.set(to, identifier)
      if (other.cameFrom.has(to)) return to
      next.push(to)
    }
  }
  side.frontier = next
  return null
}
