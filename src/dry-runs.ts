import { emptyNeighbourhood } from './domain/neighbourhood.ts'
import { correct, identify, nextOf } from './step.ts'
import type { DryRuns, WritingView } from './views.ts'

type Standing = Pick<
  WritingView,
  'latest' | 'limits' | 'load' | 'evidence' | 'identifier' | 'standing'
>

/** What requests would come to on a read model as it stands. */
export function dryRunsOn(view: Standing): DryRuns {
  return {
    supposeObserved(asked, now) {
      const known = emptyNeighbourhood(view.limits())
      view.load(known, [asked])
      return identify(view, known, asked, nextOf(view, now)).answer
    },
    supposeDecided: (asked, now) => correct(view, asked, nextOf(view, now)).answer
  }
}
