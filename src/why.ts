import type { Decision, LedgerEvent, Position } from './domain/event.ts'
import type { Moment, Step } from './domain/explain.ts'
import type { Identifier } from './domain/identifier.ts'

/** Why two ends are one person, or why they are not. */
export type Why = {
  readonly connected: boolean
  /** The identifiers that the chain was sought between: an identifier itself, a contact's home. */
  readonly between: readonly [Identifier, Identifier]
  /** The shortest chain of live evidence; empty when there is none. */
  readonly chain: readonly Step[]
  /** What joined them; null when they are not, and for one and the same identifier. */
  readonly joinedBy: Joining | null
  /** The chain along which they were joined; null when the identity is too large to be searched. */
  readonly how: readonly JoiningStep[] | null
  /** How strongly they hold together; null when not at all, or too large to be searched. */
  readonly strength: {
    readonly independentChains: number
    readonly weakPoints: readonly Identifier[]
  } | null
  /** What parted them, when they were connected once. */
  readonly parted: Parting | null
  /** The shortest chain that would connect them but for what hinders it. */
  readonly but: readonly HinderedStep[] | null
  /** Which of these are null only because there is too much to be searched. */
  readonly unsearched: readonly ('how' | 'strength' | 'parted' | 'but')[]
}

/**
 * What first joined two identifiers for good: the event that made the last link of the chain between
 * them, or the merge that it caused. `observation` is the position of the event that caused it.
 */
export type Joining = Moment & {
  readonly type: LedgerEvent['type']
  readonly observation: Position
}

/** A link on the way on which two ends were joined: since when, by which event, merging whom. */
export type JoiningStep = {
  readonly from: Identifier
  readonly to: Identifier
  readonly since: Moment & { readonly type: LedgerEvent['type'] }
  /** The position of the merge that it caused, if it caused one. */
  readonly merge: Position | null
}

/** A decision, as it is named where it is the reason for something. */
export type Ruled = Moment & {
  readonly type: Decision['type']
  readonly actor: string
  readonly reason: string
}

/** The event after which two ends were not connected any more. */
export type Parting = Moment & {
  readonly type: LedgerEvent['type']
  readonly actor: string | null
  readonly reason: string | null
}

/** What keeps a link from being live: on which identifiers, and by whose decision. */
export type Hindrance = {
  readonly type: 'forbidden' | 'blocked' | 'over-shared'
  readonly on: readonly Identifier[]
  readonly decision: Ruled
}

/** A step that would connect, but for its hindrances; none of them if it is live. */
export type HinderedStep = Step & { readonly hindrances: readonly Hindrance[] }
