import { among, type Concerned } from './concerned.ts'
import type { IdentifierNumber, Recorded } from './domain/event.ts'
import type { Plan } from './plan.ts'

/** What was recorded since the read model was read for a plan. */
export type Meanwhile = {
  forget(): void
  note(recorded: Recorded): void
  /** Whether what a plan rests on is as it was. */
  spares(plan: Plan): boolean
  /** What a plan rests on, and all that came to be seen with that, or with what did. */
  reached(plan: Plan): Concerned
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
      if (decided) return false
      if (concerned.length < seenWith.size) return !concerned.some((one) => seenWith.has(one))
      const { has } = among(concerned)
      for (const one of seenWith.keys()) if (has(one)) return false
      return true
    },

    reached({ concerned }) {
      const planned = among(concerned)
      const more = new Set<IdentifierNumber>()
      const has = (one: IdentifierNumber) => planned.has(one) || more.has(one)
      const pending = [...seenWith.keys()].filter(planned.has)
      for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
        for (const other of seenWith.get(one) ?? []) {
          if (has(other)) continue
          more.add(other)
          pending.push(other)
        }
      }
      return { size: planned.size + more.size, has }
    }
  }
}
