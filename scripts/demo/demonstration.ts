import type { Config } from '../../src/config.ts'
import { openHere } from '../open-here.ts'
import { length, story } from './story.ts'

const day = 24 * 60 * 60 * 1_000

/**
 * Fills an empty ledger with the demonstration, by way of the ledger itself, as if its last day were
 * `today`. The same day gives the same ledger.
 */
export async function demonstrate(config: Config, today: number) {
  const midnight = today - (today % day)
  let clock = 0
  const { ledger, close } = await openHere(config, {
    create: true,
    now: () => clock,
    onFailure(error) {
      throw error
    }
  })
  try {
    for (const [nth, happening] of story.entries()) {
      // From eight in the morning, some minutes after the one before.
      const minutes = 8 * 60 + ((nth * 7) % (10 * 60))
      const on = midnight - (length - happening.day) * day + minutes * 60_000
      clock = Math.max(clock + 60_000, on)
      if ('decision' in happening) await ledger.decide(happening.decision)
      else {
        const { email, phoneNumber, source } = happening
        await ledger.observe({ email, phoneNumber, source, idempotencyKey: null, observedAt: null })
      }
    }
  } finally {
    await close()
  }
}
