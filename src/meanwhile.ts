import type { IdentifierNumber, Recorded } from './domain/event.ts'
import type { Plan } from './plan.ts'
import type { WorkedOut } from './settlement.ts'

/** What was recorded since the read model was read for a plan. */
export type Meanwhile = {
  /** Begins anew. */
  begin(): void
  note(recorded: Recorded, workedOut: WorkedOut | undefined): void
  /** Whether what a plan rests on is as it was. */
  leaves(plan: Plan): boolean
}

export function meanwhile(): Meanwhile {
  let touched = new Set<IdentifierNumber>()
  let limitSet = false

  return {
    begin() {
      touched = new Set()
      limitSet = false
    },

    note({ event, identifiers }, workedOut) {
      // It has a say everywhere, though it may reshape nobody.
      if (event.type === 'SharingLimitSet') limitSet = true
      for (const { number } of identifiers) touched.add(number)
      for (const number of reshapedBy(workedOut)) touched.add(number)
    },

    leaves: ({ concerned }) => !limitSet && !concerned.some((one) => touched.has(one))
  }
}

/** The identifiers whose identities may not be as they were. */
function reshapedBy(workedOut: WorkedOut | undefined): readonly IdentifierNumber[] {
  if (workedOut === undefined) return []
  if ('rows' in workedOut) return workedOut.identifiers
  return [...workedOut.before, ...workedOut.after].flatMap(({ identifiers }) => identifiers)
}
