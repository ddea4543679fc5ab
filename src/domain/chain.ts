import type { IdentifierNumber } from './event.ts'

/** The identifiers from `end` back to where a search began, which came from 0. */
export function trail(
  cameFrom: ReadonlyMap<IdentifierNumber, IdentifierNumber | 0>,
  end: IdentifierNumber
): IdentifierNumber[] {
  const passed: IdentifierNumber[] = []
  for (let at = end; at !== 0; at = cameFrom.get(at) as number) passed.push(at)
  return passed
}

/** The links of a chain of identifiers, each from one to the next. */
export function linksAlong(
  chain: readonly IdentifierNumber[]
): (readonly [from: IdentifierNumber, to: IdentifierNumber])[] {
  return chain.slice(1).map((to, nth) => [chain[nth] as IdentifierNumber, to])
}
