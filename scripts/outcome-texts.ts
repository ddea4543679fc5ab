import { setImmediate as nextTurn } from 'node:timers/promises'
import { jsonTexts } from '../projections/json-rows.ts'
import type { ContactsSplit, Outcome } from '../src/domain/event.ts'
import type { PublishedDecision } from '../src/published-decision.ts'

/**
 * An outcome on its way from a thread. Who was parted, who may be 100,000, comes as JSON, thousands to a text:
 * objects are copied in one turn of the event loop, and the answer needs the JSON, too.
 */
export type OutcomeTexts = { readonly outcome: Outcome; readonly parted: readonly string[] }

/** Makes the texts of an outcome. */
export function outcomeTexts(outcome: Outcome): OutcomeTexts {
  if (outcome.type === 'ContactsMerged') return { outcome, parted: [] }
  return { outcome: { ...outcome, parted: [] }, parted: jsonTexts(outcome.parted) }
}

/** Reads an outcome, a text a turn. */
export async function outcomeOf({ outcome, parted: texts }: OutcomeTexts): Promise<Outcome> {
  if (outcome.type === 'ContactsMerged') return outcome
  const parted: ContactsSplit['parted'] = []
  for (const text of texts) {
    await nextTurn()
    for (const part of JSON.parse(text)) parted.push(part)
  }
  return { ...outcome, parted }
}

/** The JSON of an outcome as it is told, from the texts in which it came, if it came in any. */
export function outcomeTold(
  { position, type, data }: PublishedDecision['outcomes'][number],
  texts?: readonly string[]
): string {
  if (texts === undefined || !('parted' in data)) return JSON.stringify({ position, type, data })
  const parted = texts.map((text) => text.slice(1, -1)).join()
  const told = JSON.stringify({ position, type, data: { ...data, parted: [] } })
  return told.replace('"parted":[]', () => `"parted":[${parted}]`)
}
