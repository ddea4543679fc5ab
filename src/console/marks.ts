import type { IdentityGraph } from '../identity-graph.ts'
import { kindOf, valueIn } from './words.ts'

type Node = IdentityGraph['nodes'][number]
type Link = IdentityGraph['links'][number]

/** With how many others a value is seen to stand out as shared. */
const many = 3

/** What stands out about an identifier: how it is drawn, and what its label says of it. */
export type Mark = 'plain' | 'weak' | 'shared' | 'weak-shared' | 'unlinked'

/** How an identifier stands out. */
export function markOf({ links, articulation, sharing }: Node): Mark {
  if (!links) return 'unlinked'
  const shared = sharing >= many
  if (articulation) return shared ? 'weak-shared' : 'weak'
  return shared ? 'shared' : 'plain'
}

/** What is to be known of an identifier, in a few words; the most striking first. */
export function notesOn(node: Node): string[] {
  const mark = markOf(node)
  const weak = mark === 'weak' || mark === 'weak-shared'
  return [
    ...(mark === 'unlinked' ? ['links nobody'] : []),
    ...(weak ? ['weak point'] : []),
    ...(node.sharing >= many ? [`shared with ${node.sharing}`] : [])
  ]
}

/** The label of an identifier in a drawing. */
export function nodeLabel(node: Node): string {
  return [valueIn(node.identifier), ...notesOn(node)].join('\n')
}

/** The shape of an identifier in a drawing, by what it is and how it stands out. */
export function shapeOf(node: Node): string {
  const kind = kindOf(node.identifier) === 'email' ? 'ellipse' : 'round-rectangle'
  const shapes: Readonly<Record<Mark, string>> = {
    plain: kind,
    weak: 'diamond',
    shared: 'hexagon',
    'weak-shared': 'star',
    unlinked: 'octagon'
  }
  return shapes[markOf(node)]
}

/** What a link rests on, or what keeps it from linking, in a few words. */
export function linkText({ state, count, asserted }: Link): string {
  const evidence = [
    ...(count === 0 ? [] : [count === 1 ? 'seen once' : `seen ${count} times`]),
    ...(asserted === null ? [] : ['asserted'])
  ]
  return [...(state === 'live' ? [] : [state]), ...evidence].join(', ')
}

/** The label of a link in a drawing: nothing where it is like most others. */
export function linkLabel(link: Link): string {
  const usual = link.state === 'live' && link.count === 1 && link.asserted === null
  return usual ? '' : linkText(link)
}

/** The signs of a drawing and what they mean; `sign` is the shape's name. */
export const legend: readonly { readonly sign: string; readonly means: string }[] = [
  { sign: 'ellipse', means: 'an email' },
  { sign: 'round-rectangle', means: 'a phone number' },
  { sign: 'diamond', means: 'a weak point: without it the identity comes apart' },
  { sign: 'hexagon', means: `shared with ${many} others or more` },
  { sign: 'star', means: 'both: shared, and a weak point' },
  { sign: 'octagon', means: 'links nobody: blocked, or over its sharing limit' }
]
