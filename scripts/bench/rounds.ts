/** Something that takes part in every round. */
export type Contender<T> = (round: number) => Promise<T>

/**
 * Has each contender measured once a round, in turns, so that whatever else happens on the machine
 * happens to all of them. Who begins changes from round to round.
 */
export async function alternate<Name extends string, T>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender<T>>>
): Promise<Record<Name, T[]>> {
  const names = Object.keys(contenders) as Name[]
  const results = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>
  for (let round = 1; round <= rounds; round++) {
    const order = round % 2 === 0 ? names.toReversed() : names
    for (const name of order) results[name].push(await contenders[name](round))
  }
  return results
}
