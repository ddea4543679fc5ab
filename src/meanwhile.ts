import { among } from './concerned.ts'
import type { IdentifierNumber, Recorded } from './domain/event.ts'
import type { Plan } from './plan.ts'

/** What was recorded since the read model was read for a plan. */
export type Meanwhile = {
  forget(): void
  note(recorded: Recorded): void
  /** Whether what a plan rests on is as it was. */
  spares(plan: Plan): boolean
  /** What a plan rests on, and all that came to be seen with that, or with what did. */
  reached(plan: Plan): ReadonlySet<IdentifierNumber>
}

/**
 * An observation changes what is known of the identifiers that it names, and whatever else it brings about
 * follows from them. A decision may have a say in many, and is rare.
 */
export function meanwhile(): Meanwhile {
  let seenWith = new Map<IdentifierNumber, Set<IdentifierNumber>>()
  let decided = false

  return {
    forget() {
      seenWith = new Map()
      decided = false
    },

    note({ event, identifiers }) {
      if ('actor' in event) decided = true
      for (const { number } of identifiers) {
        const others = seenWith.get(number) ?? new Set()
        for (const other of identifiers) others.add(other.number)
        seenWith.set(number, others)
      }
    },

    spares({ concerned }) {
      const { has } = among(concerned)
      return !decided && ![...seenWith.keys()].some(has)
    },

    reached({ concerned }) {
      const reached = new Set(concerned)
      const pending = [...seenWith.keys()].filter((one) => reached.has(one))
      for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
        for (const other of seenWith.get(one) ?? []) {
          if (reached.has(other)) continue
          reached.add(other)
          pending.push(other)
        }
      }
      return reached
    }
  }
}
