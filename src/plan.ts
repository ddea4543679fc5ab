import type { AskedDecision } from './decision.ts'
import { type Next, record } from './domain/decided.ts'
import type { Difference } from './domain/difference.ts'
import type { Decision, IdentifierNumber, Recorded } from './domain/event.ts'
import { otherEnd } from './domain/graph.ts'
import type { Identifier } from './domain/identifier.ts'
import type { Touched } from './domain/letting-go.ts'
import type { Reshaping } from './domain/reshape.ts'
import { causedBy, type Settlement } from './settlement.ts'
import { correct, nextOf, type Step } from './step.ts'
import type { WritingView } from './views.ts'

/**
 * A decision, worked out on a state of the read model. It can be made as long as nothing that it rests on
 * has changed since, wherever in the log that is.
 */
export type Plan = {
  readonly event: Decision
  readonly identifiers: readonly Identifier[]
  readonly settlement: Settlement
  readonly touched: Touched
  /** What it rests on: the identifiers of which anything was read to work it out, in ascending order. */
  readonly concerned: Float64Array
  /** How many contacts its answer lists. */
  readonly weight: number
}

/** A plan, and how it is told once its events have their places. */
export type ToldPlan<Told> = Plan & { tell(events: readonly Recorded[]): Told }

/** Works out a decision, and what it changes. Records nothing; throws what deciding throws. */
export function planOn(
  view: Pick<WritingView, 'latest' | 'evidence' | 'identifier' | 'settlement'>,
  asked: AskedDecision
): { readonly plan: Plan; readonly difference: Difference } {
  // Its time is that at which it is made.
  const next = nextOf(view, 0)
  const { events, answer, weight, changes } = correct(view, asked, next)
  const [{ event, identifiers }] = events as [Recorded<Decision>]
  const settlement = view.settlement(changes.workedOut, next.position)
  const concerned = readFor(changes.workedOut)
  for (const { number } of identifiers) concerned.add(number)
  return {
    plan: {
      ...{ event, identifiers, settlement, weight },
      touched: changes.touched(),
      concerned: Float64Array.from(concerned).sort()
    },
    difference: answer
  }
}

/** Decides a decision by its plan. */
export function carryOut<Told>(plan: ToldPlan<Told>, next: Next): Step<Told> {
  const { event, identifiers, settlement, touched, weight } = plan
  const outcomes = causedBy(next.position, settlement.outcomes)
  const events = record([event, ...outcomes], identifiers, next)
  const changes = { workedOut: settlement, touched: () => touched }
  return { events, answer: plan.tell(events), changes, weight }
}

/**
 * The identifiers of the identities that were worked out, and those with which these were ever seen or are
 * ruled to be: where a contact stands depends on either of its values.
 */
function readFor({ graph, before, after }: Reshaping): Set<IdentifierNumber> {
  const read = new Set<IdentifierNumber>()
  for (const { identifiers, alone } of [...before, ...after]) {
    if (alone !== null) read.add(alone.email).add(alone.phoneNumber)
    for (const one of identifiers) {
      read.add(one)
      for (const pair of graph.pairsOf(one)) read.add(otherEnd(pair, one))
      for (const { to } of graph.rulingsOf(one)) read.add(to)
    }
  }
  // For a value that is lacking.
  read.delete(0)
  return read
}
