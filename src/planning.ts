import type { Deciding, Waiting } from './batch.ts'
import { among, everyone } from './concerned.ts'
import { LedgerError } from './domain/errors.ts'
import { holding } from './holding.ts'
import { meanwhile } from './meanwhile.ts'
import type { ToldPlan } from './plan.ts'
import type { Ask } from './questions.ts'
import type { ReaderTurns } from './reader-turns.ts'
import type { WritingView } from './views.ts'

/** Of how many decisions it is looked in one turn whether they take a plan. */
const mostLooks = 1_000

/**
 * Has decisions on large identities worked out elsewhere, one after another, while others are decided here: to
 * work one out takes seconds, to write its rows a part of that.
 */
export type Planning = {
  /** Takes a decision. */
  add(deciding: Deciding): void
  /** How many requests it has, decisions or not. */
  readonly waiting: number
  /** Whether there is something to arrange. */
  readonly due: boolean
  /**
   * The requests to be decided now. Who has to wait for a plan, or until the rows of one are written, is
   * kept, and comes back then.
   */
  arrange(queue: Waiting[]): Waiting[]
  /** The read model, watched for what would make a plan that is being made useless. */
  readonly watched: WritingView
  /** Refuses its decisions, but for one whose plan was given; who waited comes back. */
  stop(refusal: LedgerError): void
  /** Refuses all that it has. */
  refuse(refusal: LedgerError): void
}

export type PlanningOptions<Told> = {
  readonly view: WritingView
  readonly turns: ReaderTurns<Told>
  readonly ask: Ask
  /** Called once it is due. */
  wake(): void
}

/** Planned anew so often, a decision must be made next: nobody is let by who names a value that is known. */
const mostAnew = 2

/** A decision that is being planned, how often it was before, and what came of it this time. */
type Current<Told> = {
  readonly deciding: Deciding
  readonly anew: number
  outcome?: { readonly plan: ToldPlan<Told> } | { readonly refusal: unknown }
}

export function planning<Told>({ view, turns, ask, wake }: PlanningOptions<Told>): Planning {
  /** Decisions of which it is not known yet whether they take a plan. */
  const incoming: Deciding[] = []
  /** Those that take one, in the order in which they came. */
  const toPlan: Deciding[] = []
  let current: Current<Told> | null = null
  /** Who waits until a plan is carried out, its rows and all, or is planned anew. */
  const hold = holding(view)
  const recorded = meanwhile()

  function begin(deciding: Deciding, anew = 0) {
    const mine: Current<Told> = { deciding, anew }
    current = mine
    const came = (outcome: NonNullable<typeof mine.outcome>) => {
      mine.outcome = outcome
      wake()
    }
    ask(() =>
      turns.ask(
        'plans',
        (reader) => {
          recorded.forget()
          return reader.plan(deciding.decision)
        },
        () => current !== mine
      )
    ).then(
      (plan) => came({ plan }),
      (refusal: unknown) => came({ refusal })
    )
  }

  /** The decision once it is planned, if nothing is in its way; or those who waited where it can't be. */
  function arrived(queue: Waiting[]): Waiting[] {
    if (current?.outcome === undefined) return []
    const { deciding, anew, outcome } = current
    if ('refusal' in outcome) {
      // What it is about may come before it.
      if (isUnknown(outcome.refusal)) queue.push(deciding)
      else deciding.reject(outcome.refusal)
      current = null
      return hold.release()
    }
    const { plan } = outcome
    const { resolve, reject } = deciding
    // Until its rows are written, or while it is planned anew, nobody comes to these identities.
    if (recorded.spares(plan)) {
      hold.begin(among(plan.concerned))
      current = null
      return [{ kind: 'carryOut', plan, resolve, reject }]
    }
    hold.begin(anew < mostAnew ? recorded.reached(plan) : everyone)
    begin(deciding, anew + 1)
    return []
  }

  /** Whether small decisions are let by. Not while one is planned anew: each would be in its way again. */
  const letsBy = () => !hold.any

  /** Has those decided now that take no plan, and begins with the next one that does. */
  function goOn(queue: Waiting[]) {
    for (let looks = letsBy() ? mostLooks : 0; looks > 0; looks--) {
      const [next] = incoming
      if (next === undefined) break
      const large = view.mayReshapeLarge(next.decision)
      incoming.shift()
      if (large) toPlan.push(next)
      else queue.push(next)
    }
    const next = current === null ? toPlan.shift() : undefined
    if (next !== undefined) begin(next)
  }

  function stop(refusal: LedgerError) {
    for (const { reject } of [...incoming.splice(0), ...toPlan.splice(0)]) reject(refusal)
    current?.deciding.reject(refusal)
    current = null
  }

  return {
    add: (deciding) => void incoming.push(deciding),

    get waiting() {
      return hold.waiting + incoming.length + toPlan.length + (current === null ? 0 : 1)
    },

    get due() {
      if (view.unsettled()) return false
      if (current === null) return hold.waiting + incoming.length + toPlan.length > 0
      return (letsBy() && incoming.length > 0) || current.outcome !== undefined
    },

    arrange(queue) {
      const [first] = queue
      // Until it is carried out nothing else may come first, nor be planned.
      if (first?.kind === 'carryOut') return [first, ...hold.keep(queue.slice(1))]
      if (view.unsettled()) return hold.keep(queue)
      const ready = current === null ? hold.release() : arrived(queue)
      if (ready.length > 0) return [...ready, ...hold.keep(queue)]
      goOn(queue)
      return hold.keep(queue)
    },

    watched: {
      ...view,
      record(event, workedOut) {
        if (current !== null) recorded.note(event)
        view.record(event, workedOut)
      }
    },

    stop,

    refuse(refusal) {
      stop(refusal)
      for (const { reject } of hold.release()) reject(refusal)
    }
  }
}

function isUnknown(refusal: unknown): boolean {
  return refusal instanceof LedgerError && refusal.code === 'not_found'
}
