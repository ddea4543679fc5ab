import type { AskedDecision } from './decision.ts'
import { type Next, record } from './domain/decided.ts'
import type { Difference } from './domain/difference.ts'
import type { Decision, IdentifierNumber, Recorded, Timestamp } from './domain/event.ts'
import type { Identifier } from './domain/identifier.ts'
import { causedBy, type Settlement } from './settlement.ts'
import { type Changes, correct, nextOf, type Step } from './step.ts'
import type { WritingView } from './views.ts'

/**
 * A decision, worked out on a state of the read model. It can be made as long as nothing happened since
 * to the identities that it concerns, wherever in the log that is.
 */
export type Plan = {
  readonly event: Decision
  readonly identifiers: readonly Identifier[]
  readonly changes: Changes<Settlement>
  /** What it rests on: whatever is recorded of any of these makes it useless. */
  readonly concerned: readonly IdentifierNumber[]
  /** How many contacts its answer lists. */
  readonly weight: number
}

/** A plan, and how it is told once its events have their places. */
export type ToldPlan<Told> = Plan & { tell(events: readonly Recorded[]): Told }

/** Works out a decision, and what it changes. Records nothing; throws what deciding throws. */
export function planOn(
  view: Pick<WritingView, 'latest' | 'evidence' | 'identifier' | 'settlement'>,
  asked: AskedDecision,
  now: Timestamp
): { readonly plan: Plan; readonly difference: Difference } {
  const next = nextOf(view, now)
  const { events, answer, weight, changes } = correct(view, asked, next)
  const [{ event, identifiers }] = events as [Recorded<Decision>]
  const { workedOut, touched } = changes
  const settlement = view.settlement(workedOut, next.position)
  const concerned = [...settlement.identifiers, ...identifiers.map(({ number }) => number)]
  return {
    plan: { event, identifiers, changes: { workedOut: settlement, touched }, concerned, weight },
    difference: answer
  }
}

/** Decides a decision by its plan. */
export function carryOut<Told>(plan: ToldPlan<Told>, next: Next): Step<Told> {
  const { event, identifiers, changes, weight } = plan
  const outcomes = causedBy(next.position, changes.workedOut.outcomes)
  const events = record([event, ...outcomes], identifiers, next)
  return { events, answer: plan.tell(events), changes, weight }
}
