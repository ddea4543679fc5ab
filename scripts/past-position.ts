import { asOfPosition } from '../src/as-of.ts'
import type { Config } from '../src/config.ts'
import type { Position } from '../src/domain/event.ts'
import { positionAt } from '../src/questions.ts'
import { readLog } from './wiring.ts'

/** The position that `--as-of` means, if it was given. Throws `invalid`, `cannot_open`. */
export async function pastPosition(
  config: Config,
  given: string | boolean | undefined
): Promise<Position | 0 | undefined> {
  if (typeof given !== 'string') return undefined
  const log = readLog(config)
  try {
    return await asOfPosition({ positionAt: (time) => positionAt(log, time) }, given, '--as-of')
  } finally {
    await log.close()
  }
}
