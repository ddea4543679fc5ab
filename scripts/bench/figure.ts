/** What a figure is to reach beside its yardstick. */
export type Goal = { readonly at: 'least' | 'most' | 'under'; readonly value: number }

/** Something measured in rounds. */
export type Series = { readonly what: string; readonly rounds: readonly number[] }

/** One thing that was measured, beside its yardstick where it has one. */
export type Figure = {
  readonly bench: string
  readonly what: string
  readonly unit: string
  /** How much the ledger held before it was loaded, such as "1,000,000 contacts". */
  readonly ledger: string
  readonly ours: number
  readonly yardstick: { readonly what: string; readonly median: number } | null
  /** What the goal speaks of: the ratio of the medians, their difference, or the median itself. */
  readonly by: 'ratio' | 'difference' | 'median'
  readonly compared: number
  readonly goal: Goal | null
  readonly reached: boolean | null
  readonly rounds: { readonly ours: readonly number[]; readonly yardstick: readonly number[] }
}

/** What was measured, and how it is to be judged. */
export type Measured = Pick<Figure, 'bench' | 'what' | 'unit' | 'ledger'> & {
  readonly ours: readonly number[]
  readonly yardstick?: Series
  readonly by?: Figure['by']
  readonly goal?: Goal
}

/** Judges what was measured by its medians. */
export function figureOf({ ours, yardstick, by, goal, ...said }: Measured): Figure {
  const mine = median(ours)
  const theirs = yardstick === undefined ? null : median(yardstick.rounds)
  const way = by ?? (theirs === null ? 'median' : 'ratio')
  const compared = {
    ratio: mine / Number(theirs),
    difference: mine - Number(theirs),
    median: mine
  }[way]
  return {
    ...said,
    ours: mine,
    yardstick: yardstick === undefined ? null : { what: yardstick.what, median: Number(theirs) },
    by: way,
    compared,
    goal: goal ?? null,
    reached: goal === undefined ? null : reaches(compared, goal),
    rounds: { ours, yardstick: yardstick?.rounds ?? [] }
  }
}

function reaches(value: number, goal: Goal): boolean {
  switch (goal.at) {
    case 'least':
      return value >= goal.value
    case 'most':
      return value <= goal.value
    case 'under':
      return value < goal.value
  }
}

/** The middle one, of an even number the mean of the two in the middle; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const [below, above] = [Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2)]
  return ((sorted[below] ?? Number.NaN) + (sorted[above] ?? Number.NaN)) / 2
}

/** The smallest that so large a share of them does not exceed; NaN of none. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
