import { type Happening, order } from './happening.ts'

const firstNames = ['ada', 'bo', 'cleo', 'dan', 'eva', 'finn', 'gus', 'hana', 'ian', 'joy', 'kai']
const lastNames = ['archer', 'brook', 'carver', 'dale', 'ender', 'frost', 'gray', 'hill', 'irving']

/** How many people live there. */
const people = 99

/**
 * The people of a town, who order now and then: most are seen in one way alone, some with a second
 * email or phone, and a few couples share a phone, which merges them.
 */
export function town(days: number): Happening[] {
  return Array.from({ length: people }, (_, nth) => {
    const name = `${firstNames[nth % firstNames.length]}.${lastNames[nth % lastNames.length]}`
    const [email, phone] = [`${name}@town.example`, `+1702555${1_000 + nth}`]
    const day = (nth * 17) % days
    const later = (after: number) => Math.min(days - 1, day + after)
    return [
      order(day, email, phone, nth),
      ...(nth % 3 === 0 ? [order(later(4), email, `+1702556${1_000 + nth}`, nth + 1)] : []),
      ...(nth % 4 === 0 ? [order(later(9), `${name}@work.example`, phone, nth + 2)] : []),
      ...(nth % 9 === 1 ? [order(later(13), email, `+1702555${1_000 + nth - 1}`, nth)] : [])
    ]
  }).flat()
}
