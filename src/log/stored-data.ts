import type { LedgerEvent } from '../domain/event.ts'

/** The JSON of lists that came as JSON: that of 100,000 parts is made in one turn of the event loop. */
const jsonOf = new WeakMap<object, string>()

/** Remembers the JSON of a list that will not change any more. */
export function rememberJson(list: readonly unknown[], json: string) {
  jsonOf.set(list, json)
}

/** What is stored of an event beside its type, as JSON. */
export function storedData({ type, ...data }: LedgerEvent): string {
  const parted = 'parted' in data ? jsonOf.get(data.parted) : undefined
  if (parted === undefined) return JSON.stringify(data)
  const others = JSON.stringify({ ...data, parted: [] })
  return others.replace('"parted":[]', () => `"parted":${parted}`)
}
