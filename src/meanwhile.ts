import type { IdentifierNumber, Recorded } from './domain/event.ts'
import type { Plan } from './plan.ts'

/** What was recorded since the read model was read for a plan. */
export type Meanwhile = {
  forget(): void
  note(recorded: Recorded): void
  /** Whether what a plan rests on is as it was. */
  spares(plan: Plan): boolean
}

/**
 * An observation changes what is known of the identifiers that it names, and whatever else it brings about
 * follows from them. A decision may have a say in many, and is rare.
 */
export function meanwhile(): Meanwhile {
  let observed = new Set<IdentifierNumber>()
  let decided = false

  return {
    forget() {
      observed = new Set()
      decided = false
    },

    note({ event, identifiers }) {
      if ('actor' in event) decided = true
      for (const { number } of identifiers) observed.add(number)
    },

    spares: ({ concerned }) => !decided && !concerned.some((one) => observed.has(one))
  }
}
