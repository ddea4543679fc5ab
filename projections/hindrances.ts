import type { Decision, Position } from '../src/domain/event.ts'
import type { Step } from '../src/domain/explain.ts'
import { canLink, type Graph } from '../src/domain/graph.ts'
import type { Identifier } from '../src/domain/identifier.ts'
import { sharingIn } from '../src/domain/sharing.ts'
import type { HinderedStep, Hindrance, Ruled } from '../src/why.ts'
import type { EvidenceQueries } from './evidence/queries.ts'

/** Tells of steps what keeps each from being live, and by whose decision. */
export function hindrances(evidence: EvidenceQueries) {
  return (steps: readonly Step[], graph: Graph, at: Position): HinderedStep[] => {
    const onEnd = (end: Identifier): Hindrance[] => {
      if (canLink(graph, end.number)) return []
      const found: Hindrance[] = []
      if (graph.state(end.number)?.blocked === true) {
        const decision = evidence.latestOn(end.number, 'IdentifierBlocked', at)
        found.push({ type: 'blocked', on: [end], decision: known(decision, 'blocked') })
      }
      if (sharingIn(graph, end.number) > (graph.limit(end.kind) ?? Infinity)) {
        const decision = evidence.latestLimit(end.kind, at)
        found.push({ type: 'over-shared', on: [end], decision: known(decision, 'over-shared') })
      }
      return found
    }
    const onLink = ({ from, to }: Step): Hindrance[] => {
      const ruling = graph.rulingsOf(from.number).find((one) => one.to === to.number)
      if (ruling?.forbidden !== true) return []
      const type: Decision['type'] = 'LinkForbidden'
      const decision = evidence.latestBetween(from.number, to.number, type, at)
      return [{ type: 'forbidden', on: [from, to], decision: known(decision, type) }]
    }
    return steps.map((step) => ({
      ...step,
      hindrances: [...onLink(step), ...onEnd(step.from), ...onEnd(step.to)]
    }))
  }
}

function known(decision: Ruled | null, what: string): Ruled {
  if (decision === null) throw new Error(`nobody decided what is ${what}`)
  return decision
}
