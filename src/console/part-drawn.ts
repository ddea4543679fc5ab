import type { Evidence } from './evidence.ts'

/** How many identifiers are drawn at most: more than that is a cloud, and slow. */
const mostDrawn = 250

/** What of a graph is drawn. */
export type PartDrawn = Evidence & {
  /** How many identifiers and links are left out. */
  readonly missing: { readonly nodes: number; readonly links: number }
}

/**
 * The part of a graph that is drawn: what must be seen, then the most shared and the weak points,
 * each with what it is linked to, until it is full.
 */
export function partDrawn(
  { nodes, links }: Evidence,
  must: readonly string[] = [],
  most = mostDrawn
): PartDrawn {
  if (nodes.length <= most) return { nodes, links, missing: { nodes: 0, links: 0 } }
  const around = neighboursIn(links)
  const chosen = new Set<string>()
  const choose = (identifier: string) => {
    if (chosen.size < most) chosen.add(identifier)
  }
  const known = new Set(nodes.map(({ identifier }) => identifier))
  for (const identifier of must) if (known.has(identifier)) choose(identifier)
  const weighty = [...nodes].sort(
    (a, b) => b.sharing - a.sharing || Number(b.articulation) - Number(a.articulation)
  )
  // Half of the place is for what stands out, so that one great hub does not hide all others.
  for (const { identifier } of weighty.slice(0, most / 2)) choose(identifier)
  for (const identifier of chosen) for (const next of around.get(identifier) ?? []) choose(next)
  const drawn = links.filter(({ from, to }) => chosen.has(from) && chosen.has(to))
  return {
    nodes: nodes.filter(({ identifier }) => chosen.has(identifier)),
    links: drawn,
    missing: { nodes: nodes.length - chosen.size, links: links.length - drawn.length }
  }
}

function neighboursIn(links: Evidence['links']): Map<string, string[]> {
  const around = new Map<string, string[]>()
  const add = (of: string, other: string) => {
    const known = around.get(of)
    if (known === undefined) around.set(of, [other])
    else known.push(other)
  }
  for (const { from, to } of links) {
    add(from, to)
    add(to, from)
  }
  return around
}
