import { setImmediate as nextTurn } from 'node:timers/promises'
import { jsonTexts } from '../projections/json-rows.ts'
import type { ContactsSplit, Outcome } from '../src/domain/event.ts'
import { rememberJson } from '../src/log/stored-data.ts'
import type { PublishedDecision } from '../src/published-decision.ts'

/**
 * An outcome on its way from a thread. Who was parted, who may be 100,000, comes as JSON in UTF-8, thousands to a
 * text: objects are copied in one turn of the event loop, but bytes change hands without a copy, and go into the
 * answer as they are.
 */
export type OutcomeTexts = { readonly outcome: Outcome; readonly parted: readonly Uint8Array[] }

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const comma = encoder.encode(',')

/** Makes the texts of an outcome. */
export function outcomeTexts(outcome: Outcome): OutcomeTexts {
  if (outcome.type === 'ContactsMerged') return { outcome, parted: [] }
  const parted = jsonTexts(outcome.parted).map((text) => encoder.encode(text))
  return { outcome: { ...outcome, parted: [] }, parted }
}

/** Reads an outcome, a text a turn. */
export async function outcomeOf({ outcome, parted: texts }: OutcomeTexts): Promise<Outcome> {
  if (outcome.type === 'ContactsMerged') return outcome
  const parted: ContactsSplit['parted'] = []
  const inside: string[] = []
  for (const bytes of texts) {
    await nextTurn()
    const text = decoder.decode(bytes)
    for (const part of JSON.parse(text)) parted.push(part)
    inside.push(text.slice(1, -1))
  }
  rememberJson(parted, `[${inside.join()}]`)
  return { ...outcome, parted }
}

/**
 * The JSON of an outcome as it is told, in pieces, from the texts in which it came, if it came in any. The text
 * that is stored would have to be encoded again, in the turn that decides.
 */
export function outcomeTold(
  { position, type, data }: PublishedDecision['outcomes'][number],
  texts: readonly Uint8Array[] = []
): Uint8Array[] {
  if (texts.length === 0 || !('parted' in data)) {
    return [encoder.encode(JSON.stringify({ position, type, data }))]
  }
  const told = JSON.stringify({ position, type, data: { ...data, parted: [] } })
  const at = told.indexOf('"parted":[') + '"parted":['.length
  const parts = texts.map((text) => [text.subarray(1, -1)])
  return [
    encoder.encode(told.slice(0, at)),
    ...joinedByCommas(parts),
    encoder.encode(told.slice(at))
  ]
}

/** What stands in a JSON array, in pieces, as its elements are. */
export function joinedByCommas(elements: readonly (readonly Uint8Array[])[]): Uint8Array[] {
  return elements.flatMap((one) => [comma, ...one]).slice(1)
}
