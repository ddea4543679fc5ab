import type { ContactObserved } from '../../src/domain/event.ts'
import { type Evidence, repeats, valuesOf } from '../../src/domain/graph.ts'
import { listsQuietly, mergesQuietly } from '../../src/domain/hidden.ts'
import type { Identifier } from '../../src/domain/identifier.ts'
import type { Sizes } from '../stats/sizes.ts'
import type { Forest, Node, Tree } from './forest.ts'
import type { Joining } from './joining.ts'

/** Tells where an observation may show what identities hide. */
export function hiding(evidence: Evidence, trees: Forest, sizes: Pick<Sizes, 'of'>) {
  return {
    /** Whether a merge of two trees, those of two identifiers, may show what one of them hides. */
    shownByMerge([a, b]: readonly [Tree, Tree], [one, other]: readonly Identifier[]): boolean {
      if (a.hides === 0 && b.hides === 0) return false
      const beside = a.hides === 0 ? one : b.hides === 0 ? other : undefined
      return beside === undefined || !mergesQuietly(evidence, beside.number)
    },

    /** Whether a bystander may, once the identity that stands at a node lists it. */
    shownBeside(node: Node, { by: [one], bystander }: Joining, event: ContactObserved): boolean {
      if (one === undefined || bystander === null) return false
      const { hides, oldest } = trees.rootOf(node)
      // Most come again, which is told sooner than who else has the value.
      if (hides === 0 || repeats(evidence, valuesOf(event))) return false
      const identity = { identifier: one.number, contacts: sizes.of(oldest ?? 0) }
      return !listsQuietly(evidence, identity, bystander.number)
    }
  }
}
