import type { Deciding, Waiting } from './batch.ts'
import { LedgerError } from './domain/errors.ts'
import type { IdentifierNumber } from './domain/event.ts'
import type { Kind } from './domain/identifier.ts'
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
   * The requests to be decided now. What waited for a plan comes back behind it, and what has to wait for
   * one is kept.
   */
  arrange(queue: Waiting[]): Waiting[]
  /** The read model, watched for what would make a plan that is being made useless. */
  readonly watched: WritingView
  /** Refuses its decisions, and gives back what waited for them. */
  stop(refusal: LedgerError): Waiting[]
}

export type PlanningOptions<Told> = {
  readonly view: WritingView
  readonly turns: ReaderTurns<Told>
  readonly ask: Ask
  /** Called once it is due. */
  wake(): void
}

/** A decision that is being planned, and what came of that. */
type Current<Told> = {
  readonly deciding: Deciding
  outcome?: { readonly plan: ToldPlan<Told> } | { readonly refusal: unknown }
}

export function planning<Told>({ view, turns, ask, wake }: PlanningOptions<Told>): Planning {
  /** Decisions of which it is not known yet whether they take a plan. */
  const incoming: Deciding[] = []
  /** Those that take one, in the order in which they came. */
  const toPlan: Deciding[] = []
  let held: Waiting[] = []
  let current: Current<Told> | null = null
  /** Whoever names one of these waits. */
  let concerned: ReadonlySet<IdentifierNumber> = nobody
  /** Who was found not to: each is asked once, however often the queue is arranged. */
  let passed = new WeakSet<Waiting>()
  const recorded = meanwhile()

  function begin(deciding: Deciding) {
    const mine: Current<Told> = { deciding }
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

  /** The decision once it is planned, if nothing is in its way, and those that waited for it. */
  function arrived(queue: Waiting[]): Waiting[] {
    if (current?.outcome === undefined) return []
    const { deciding, outcome } = current
    if ('refusal' in outcome) {
      // What it is about may come before it.
      if (isUnknown(outcome.refusal)) queue.push(deciding)
      else deciding.reject(outcome.refusal)
      return release()
    }
    const { plan } = outcome
    const { resolve, reject } = deciding
    if (recorded.spares(plan)) return [{ plan, resolve, reject }, ...release()]
    // It is planned anew while nobody comes to these identities; no more decisions come meanwhile.
    concerned = new Set(plan.concerned)
    passed = new WeakSet()
    begin(deciding)
    return []
  }

  /** Ends with the decision that is planned; tells who waited for it. */
  function release(): Waiting[] {
    const back = held
    held = []
    current = null
    concerned = nobody
    return back
  }

  /** Whether small decisions are let by. Not while one is planned anew: each would be in its way again. */
  const letsBy = () => concerned.size === 0

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

  function concerns({ asked }: Waiting): boolean {
    const { email = null, phoneNumber = null } = asked ?? {}
    return names('email', email) || names('phone', phoneNumber)
  }

  function names(kind: Kind, value: string | null): boolean {
    const known = value === null ? null : view.identifier({ kind, value })
    return known !== null && concerned.has(known.number)
  }

  /** Keeps those that have to wait. */
  function hold(queue: Waiting[]): Waiting[] {
    if (concerned.size === 0) return queue
    const others: Waiting[] = []
    for (const waiting of queue) {
      if (!passed.has(waiting) && concerns(waiting)) held.push(waiting)
      else {
        passed.add(waiting)
        others.push(waiting)
      }
    }
    return others
  }

  return {
    add: (deciding) => void incoming.push(deciding),

    get waiting() {
      return held.length + incoming.length + toPlan.length + (current === null ? 0 : 1)
    },

    get due() {
      if (letsBy() && incoming.length > 0) return true
      return current === null ? toPlan.length > 0 : current.outcome !== undefined
    },

    arrange(queue) {
      // Until it is carried out nothing else may come first, nor be planned.
      if (queue[0]?.plan !== undefined) return queue
      const ready = arrived(queue)
      if (ready.length > 0) return [...ready, ...queue]
      goOn(queue)
      return hold(queue)
    },

    watched: {
      ...view,
      record(event, workedOut) {
        if (current !== null) recorded.note(event)
        view.record(event, workedOut)
      }
    },

    stop(refusal) {
      for (const { reject } of [...incoming.splice(0), ...toPlan.splice(0)]) reject(refusal)
      current?.deciding.reject(refusal)
      return release()
    }
  }
}

const nobody: ReadonlySet<IdentifierNumber> = new Set()

function isUnknown(refusal: unknown): boolean {
  return refusal instanceof LedgerError && refusal.code === 'not_found'
}
