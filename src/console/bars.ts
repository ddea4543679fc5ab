import { type Child, svg } from './element.ts'

/** A bar as long as its part of the most. What it shows stands beside it as a number. */
export function bar(value: number, most: number): SVGElement {
  const width = value === 0 ? 0 : Math.max(1, (value / most) * 200)
  return svg(
    'svg',
    { class: 'bar', viewBox: '0 0 200 12', width: 200, height: 12, 'aria-hidden': 'true' },
    svg('rect', { width, height: 12, rx: 2 })
  )
}

/** A day, and what happened on it. */
export type Day = { readonly day: string; readonly merges: number; readonly splits: number }

const dayLength = 24 * 60 * 60 * 1_000
const height = 80

/** How many days are shown. */
const mostDays = 42

/** Merges upward and splits downward, day by day up to the latest, with the quiet days between. */
export function dayColumns(days: readonly Day[]): SVGElement {
  const last = Math.max(...days.map(({ day }) => Date.parse(day)))
  const known = new Map(days.map((one) => [Date.parse(one.day), one]))
  const shown = Array.from({ length: mostDays }, (_, nth) => {
    return known.get(last - (mostDays - 1 - nth) * dayLength) ?? null
  })
  const most = Math.max(1, ...shown.map((one) => Math.max(one?.merges ?? 0, one?.splits ?? 0)))
  const length = (value: number) => (value / most) * (height - 4)
  const columns: Child[] = shown.map((one, nth) => {
    if (one === null) return null
    const [up, down] = [length(one.merges), length(one.splits)]
    return svg(
      'g',
      {},
      svg('title', {}, `${one.day}: ${one.merges} merged, ${one.splits} parted`),
      svg('rect', { class: 'merges', x: nth * 10 + 1, width: 8, y: height - up, height: up }),
      svg('rect', { class: 'splits', x: nth * 10 + 1, width: 8, y: height, height: down })
    )
  })
  return svg(
    'svg',
    {
      class: 'days',
      viewBox: `0 0 ${mostDays * 10} ${2 * height}`,
      role: 'img',
      'aria-label': `Merges and splits by day, ${mostDays} days; the table below has the numbers.`
    },
    columns,
    svg('line', { x1: 0, x2: mostDays * 10, y1: height, y2: height })
  )
}
