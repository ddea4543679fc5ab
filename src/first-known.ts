import type { MemoryLimits } from './domain/letting-go.ts'
import { emptyNeighbourhood, type Neighbourhood } from './domain/neighbourhood.ts'
import type { View } from './views.ts'

/**
 * What a ledger knows to begin with: nothing, or the largest identities. Throws what the read model
 * throws, which is built anew at the next start then.
 */
export function firstKnown(view: View, limits: MemoryLimits, preload: boolean): Neighbourhood {
  const known = emptyNeighbourhood(view.limits())
  try {
    if (preload) view.loadLarge(known, limits)
    return known
  } catch (error) {
    view.condemn()
    throw error
  }
}
