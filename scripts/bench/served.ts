import type { Workshop } from './bench.ts'
import type { Round } from './clients.ts'
import type { Wanted } from './ledgers.ts'
import type { Server } from './processes.ts'

/** Loads a server for some seconds; the same round asks the same. */
export type Load<T = Round> = (url: string, round: number, seconds: number) => Promise<T>

/** How long a new server is loaded before it is measured, in s. */
export const warmUp = 2

/** Has the product serve a ledger. */
export function serve({ processes }: Pick<Workshop, 'processes'>, dir: string): Promise<Server> {
  return processes.serve('scripts/ledger.ts', { args: ['serve'], env: { LEDGER_DIR: dir } })
}

/** Warms a new server up, measures it, and stops it. */
export async function measured<T>(
  server: Server,
  load: Load<T>,
  round: number,
  seconds: number
): Promise<T> {
  try {
    await load(server.url, 1_000 + round, Math.min(warmUp, seconds))
    return await load(server.url, round, seconds)
  } finally {
    await server.stop()
  }
}

/** A round on a new copy of a ledger, so that each begins at the same size. */
export async function onFreshCopy<T>(
  workshop: Workshop,
  wanted: Wanted,
  load: Load<T>,
  round: number
): Promise<T> {
  const { ledgers, sizes } = workshop
  const dir = await ledgers.copy(wanted)
  try {
    return await measured(await serve(workshop, dir), load, round, sizes.seconds)
  } finally {
    ledgers.discard(dir)
  }
}
