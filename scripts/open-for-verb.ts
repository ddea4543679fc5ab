import { type Here, type HereOptions, openHere } from './open-here.ts'
import { withProgress } from './progress.ts'
import type { Io } from './verb.ts'
import type { Place } from './wiring.ts'

/**
 * Opens a ledger in this process for a verb, whose error stream is told how far the read model is, and
 * of a write that failed. Throws what `openHere` throws.
 */
export function openForVerb(
  io: Io,
  place: Place,
  options: Pick<HereOptions, 'create' | 'batchLimits' | 'commitLimits'>
): Promise<Here> {
  const onFailure = (error: unknown) => {
    io.err.write(`A write failed: ${error instanceof Error ? error.message : error}\n`)
  }
  return withProgress(io, 'read model', (opening) =>
    openHere(place, { now: Date.now, onFailure, opening, ...options })
  )
}
