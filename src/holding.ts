import type { Waiting } from './batch.ts'
import { type Concerned, nobody } from './concerned.ts'
import type { Kind } from './domain/identifier.ts'
import type { WritingView } from './views.ts'

/**
 * Keeps requests that name any of some identifiers, for as long as nobody may come to these; and decisions,
 * which may concern more than they name.
 */
export type Holding = {
  /** Keeps decisions, and whoever names one of these, from now on. */
  begin(concerned: Concerned): void
  /** Whether anybody would be kept. */
  readonly any: boolean
  /** How many requests it has. */
  readonly waiting: number
  /** Keeps those that have to wait; tells the others. */
  keep(queue: Waiting[]): Waiting[]
  /** Keeps nobody any more; tells who waited. */
  release(): Waiting[]
}

export function holding(view: Pick<WritingView, 'identifier'>): Holding {
  let held: Waiting[] = []
  let concerned = nobody
  /** Who was found not to be concerned: each is asked once, however often the queue is arranged. */
  let passed = new WeakSet<Waiting>()

  function concerns(waiting: Waiting): boolean {
    switch (waiting.kind) {
      case 'decide':
        return true
      case 'carryOut':
        return false
      case 'observe':
      case 'record': {
        const { email, phoneNumber } = waiting.asked
        return names('email', email) || names('phone', phoneNumber)
      }
    }
  }

  function names(kind: Kind, value: string | null): boolean {
    const known = value === null ? null : view.identifier({ kind, value })
    return known !== null && concerned.has(known.number)
  }

  return {
    begin(identifiers) {
      concerned = identifiers
      passed = new WeakSet()
    },

    get any() {
      return concerned.size > 0
    },

    get waiting() {
      return held.length
    },

    keep(queue) {
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
    },

    release() {
      const back = held
      held = []
      concerned = nobody
      return back
    }
  }
}
