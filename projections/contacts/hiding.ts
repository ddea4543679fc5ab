import type { Graph } from '../../src/domain/graph.ts'
import type { Identifier } from '../../src/domain/identifier.ts'
import { mergesQuietly } from '../../src/domain/quiet-merge.ts'
import type { Tree } from './forest.ts'

/** Whether a merge of two trees, those of two identifiers, may show what one of them hides. */
export function showsHidden(
  graph: Graph,
  [a, b]: readonly [Tree, Tree],
  [one, other]: readonly Identifier[]
): boolean {
  if (a.hides === 0 && b.hides === 0) return false
  const beside = a.hides === 0 ? one : b.hides === 0 ? other : undefined
  return beside === undefined || !mergesQuietly(graph, beside.number)
}
