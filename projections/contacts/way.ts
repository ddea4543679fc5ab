import type Database from 'better-sqlite3'
import type { ContactObserved, IdentifierNumber, Recorded } from '../../src/domain/event.ts'
import { type Evidence, repeats, valuesOf } from '../../src/domain/graph.ts'
import type { Limits } from '../../src/domain/neighbourhood.ts'
import type { Sizes } from '../stats/sizes.ts'
import type { Forest, Node, Tree } from './forest.ts'
import { hiding } from './hiding.ts'
import { type Joining, joining } from './joining.ts'
import type { RecentNodes } from './recent-nodes.ts'

/**
 * What an observation does to identities: it joins one that is there, or begins one, and perhaps merges
 * two; it repeats what is known; or identities have to be worked out.
 */
export type Way =
  | {
      readonly how: 'joins'
      /** Where the identity stands that it joins; undefined where it begins one. */
      readonly here: Node | undefined
      /** The two identities that it merges. */
      readonly merging: readonly [Tree, Tree] | null
    }
  | { readonly how: 'repeats' }
  | { readonly how: 'reshapes' }

/** What the projection knows of decisions and of numbers. */
export type Known = {
  /** Whether anything was ever decided. If not, observations only ever join. */
  readonly ruled: boolean
  readonly limits: Limits
  readonly lastIdentifier: IdentifierNumber | 0
}

type Stores = {
  readonly evidence: Evidence
  readonly trees: Forest
  readonly nodes: RecentNodes
  readonly sizes: Pick<Sizes, 'of'>
}

/** Tells the way of an observation by the event alone, so that a rebuild takes the same one. */
export function ways(db: Database.Database, { evidence, trees, nodes, sizes }: Stores) {
  const joiningOf = joining(db, evidence)
  const hidden = hiding(evidence, trees, sizes)

  return (recorded: Recorded<ContactObserved>, known: Known): Way => {
    const { event, identifiers } = recorded
    const { ruled, limits, lastIdentifier } = known
    const all: Joining = { by: identifiers, bystander: null }
    const joined = ruled ? joiningOf(recorded, lastIdentifier, limits) : all
    const [here, other = here] = (joined?.by ?? [])
      .filter(({ number }) => number <= lastIdentifier)
      .map(({ number }) => nodes.of(number))
    if (joined === null || (here !== undefined && hidden.shownBeside(here, joined, event))) {
      const fresh = identifiers.some(({ number }) => number > lastIdentifier)
      return { how: !fresh && repeats(evidence, valuesOf(event)) ? 'repeats' : 'reshapes' }
    }
    if (event.introduces !== undefined && joined.bystander === null) return { how: 'reshapes' }
    if (here === undefined || other === undefined || here === other) {
      return { how: 'joins', here, merging: null }
    }
    const [a, b] = [trees.rootOf(here), trees.rootOf(other)]
    if (a.node === b.node) return { how: 'joins', here, merging: null }
    if (hidden.shownByMerge([a, b], identifiers)) return { how: 'reshapes' }
    return { how: 'joins', here, merging: [a, b] }
  }
}
