import type { IdentifierNumber } from './domain/event.ts'

/** Some identifiers. */
export type Concerned = Pick<ReadonlySet<IdentifierNumber>, 'has' | 'size'>

/** Those of an array in ascending order: of 100,000 to make a set would hold up everybody. */
export function among(sorted: Float64Array): Concerned {
  return {
    size: sorted.length,
    has(number) {
      let [from, to] = [0, sorted.length]
      while (from < to) {
        const middle = (from + to) >>> 1
        if ((sorted[middle] ?? 0) < number) from = middle + 1
        else to = middle
      }
      return sorted[from] === number
    }
  }
}

/** All that are known. */
export const everyone: Concerned = { has: () => true, size: Number.POSITIVE_INFINITY }

/** While nobody has to wait. */
export const nobody: Concerned = new Set()
