import type { AskedDecision } from './decision.ts'
import type { ToldPlan } from './plan.ts'
import type { Lane } from './reader-turns.ts'
import type { DryRuns, ReadingView } from './views.ts'

/**
 * The questions about large identities, answered elsewhere: from what the read model was last committed
 * with, or later. Each throws what the read model throws; `overloaded` where it was cut short;
 * `unavailable`. An answer comes as it is told to the world, ready to be sent.
 */
export type Reader<Told> = {
  readonly [Name in 'contact' | 'identityOf' | 'why' | 'graph']: Elsewhere<ReadingView[Name], Told>
} & { readonly [Name in keyof DryRuns]: Elsewhere<DryRuns[Name], Told> } & {
  readonly history: Elsewhere<ReadingView['history'], ReturnType<ReadingView['history']>>
  /** Works out a decision that the ledger carries out. */
  plan(asked: AskedDecision): Promise<ToldPlan<Told>>
  /** Gives up what is being answered in a lane. */
  cut(lane: Lane): void
}

/** Where there is nothing to be told, that is null, however the rest is told. */
type Elsewhere<Asked, Told> = Asked extends (...ends: infer Ends) => infer Answer
  ? (...ends: Ends) => Promise<Told | Extract<Answer, null>>
  : never
