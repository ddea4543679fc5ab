import type { Deciding, Waiting } from './batch.ts'
import type { LedgerError } from './domain/errors.ts'
import type { IdentifierNumber, Timestamp } from './domain/event.ts'
import { meanwhile } from './meanwhile.ts'
import type { ToldPlan } from './plan.ts'
import type { Ask } from './questions.ts'
import type { ReaderTurns } from './reader-turns.ts'
import type { WritingView } from './views.ts'

/**
 * Has decisions on large identities worked out elsewhere, while others are decided here: one takes
 * seconds, and its rows a part of that. One decision after another: those that come meanwhile wait.
 */
export type Planning = {
  /** Takes a decision. */
  add(deciding: Deciding): void
  /** How many requests it has, decisions or not. */
  readonly waiting: number
  /** Whether there is something to arrange anew. */
  readonly due: boolean
  /**
   * The requests to be decided now. What a plan had wait for it comes back behind it, and what has to
   * wait for one is kept.
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
  readonly now: () => Timestamp
  /** Called once it is due. */
  wake(): void
}

/** A decision that is being planned, and what came of that. */
type Current<Told> = {
  readonly deciding: Deciding
  /** Whether what concerns its identities waits meanwhile. */
  readonly held: boolean
  outcome?: { readonly plan: ToldPlan<Told> } | { readonly refusal: LedgerError }
}

export function planning<Told>(options: PlanningOptions<Told>): Planning {
  const { view, turns, ask, now, wake } = options
  let later: readonly Deciding[] = []
  let held: Waiting[] = []
  let current: Current<Told> | null = null
  /** Whoever names one of these waits. */
  let concerned: ReadonlySet<IdentifierNumber> = nobody
  /** Who was found not to. */
  let passed = new WeakSet<Waiting>()
  const since = meanwhile()

  function begin(deciding: Deciding, held: boolean) {
    const mine: Current<Told> = { deciding, held }
    current = mine
    const came = (outcome: NonNullable<typeof mine.outcome>) => {
      mine.outcome = outcome
      wake()
    }
    ask(() =>
      turns.ask(
        'plans',
        (reader) => {
          since.begin()
          return reader.plan(deciding.decision, now())
        },
        () => current !== mine
      )
    ).then(
      (plan) => came({ plan }),
      (refusal) => came({ refusal })
    )
  }

  /** The decision once it is planned, if nothing is in its way, and those that waited for it. */
  function arrived(): Waiting[] {
    if (current?.outcome === undefined) return []
    const { deciding, held: alone, outcome } = current
    if ('refusal' in outcome) {
      deciding.reject(outcome.refusal)
      return release()
    }
    const { plan } = outcome
    const { resolve, reject } = deciding
    if (since.leaves(plan)) return [{ plan, resolve, reject }, ...release()]
    if (alone) return [deciding, ...release()]
    // A second plan is made while nobody comes to these identities.
    concerned = new Set(plan.concerned)
    passed = new WeakSet()
    begin(deciding, true)
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

  /** Begins with the next decision that takes a plan; those before it are decided as they are. */
  function goOn(): Waiting[] {
    const small: Waiting[] = []
    while (current === null && later[0] !== undefined) {
      const [next, ...rest] = later
      later = rest
      if (view.reshapesLarge(next.decision)) begin(next, false)
      else small.push(next)
    }
    return small
  }

  function concerns({ asked }: Waiting): boolean {
    const { email = null, phoneNumber = null } = asked ?? {}
    return named('email', email) || named('phone', phoneNumber)
  }

  function named(kind: 'email' | 'phone', value: string | null): boolean {
    return value !== null && concerned.has(view.identifier({ kind, value })?.number ?? 0)
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
    add(deciding) {
      later = [...later, deciding]
    },

    get waiting() {
      return held.length + later.length
    },

    get due() {
      return current === null ? later.length > 0 : current.outcome !== undefined
    },

    arrange(queue) {
      // Until it is carried out nothing else may come first, nor be planned.
      if (queue[0]?.plan !== undefined) return queue
      const ready = arrived()
      if (ready.length > 0) return [...ready, ...queue]
      const small = goOn()
      return hold(small.length > 0 ? [...queue, ...small] : queue)
    },

    watched: {
      ...view,
      record(event, workedOut) {
        if (current !== null) since.note(event, workedOut)
        view.record(event, workedOut)
      }
    },

    stop(refusal) {
      const stopped = [...(current === null ? [] : [current.deciding]), ...later]
      for (const { reject } of stopped) reject(refusal)
      later = []
      return release()
    }
  }
}

const nobody: ReadonlySet<IdentifierNumber> = new Set()
