import { type Batch, decideInto, type Waiting } from './batch.ts'
import type { Timestamp } from './domain/event.ts'
import { type MemoryLimits, relieved, usualMemory } from './domain/letting-go.ts'
import { emptyNeighbourhood, type Neighbourhood } from './domain/neighbourhood.ts'
import type { LedgerOptions } from './ledger-options.ts'
import type { WritingView } from './views.ts'

export type DeciderOptions = Pick<LedgerOptions, 'batchLimits' | 'memoryLimits' | 'preload'> & {
  readonly view: WritingView
}

/** Decides requests, on what it keeps in memory of the read model. */
export type Decider = {
  /** Decides the first of these into a batch, and tells how many those are. */
  decide(batch: Batch, requests: readonly Waiting[], now: Timestamp): number
  /** How many share an append, at most. */
  readonly atOnce: number
  /** Whether the answers of a batch list so many contacts that it takes no more. */
  isHeavy(batch: Batch): boolean
}

/**
 * Opens a decider; with `preload` it loads the largest identities first. Throws what the read model
 * throws meanwhile, which is built anew at the next start then.
 */
export function decider(options: DeciderOptions): Decider {
  const { view, memoryLimits = usualMemory, preload = false } = options
  const { batchLimits = { requests: 1_000, weight: 100_000 } } = options
  let known = firstKnown(view, memoryLimits, preload)

  return {
    decide(batch, requests, now) {
      known = relieved(known, memoryLimits)
      const { done, outdated } = decideInto(batch, requests, view, known, now, batchLimits)
      if (outdated) known = emptyNeighbourhood(view.limits())
      return done
    },
    atOnce: batchLimits.requests,
    isHeavy: ({ weight }) => weight >= batchLimits.weight
  }
}

function firstKnown(view: WritingView, limits: MemoryLimits, preload: boolean): Neighbourhood {
  const known = emptyNeighbourhood(view.limits())
  try {
    if (preload) view.loadLarge(known, limits)
    return known
  } catch (error) {
    view.condemn()
    throw error
  }
}
