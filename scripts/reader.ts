import type { Outcome, Position, Recorded } from '../src/domain/event.ts'
import { publishDecided } from '../src/published-decision.ts'
import type { Reader } from '../src/reader.ts'
import { type Lane, laneOf } from '../src/reader-turns.ts'
import type { Question } from '../src/views.ts'
import { joinedByCommas, outcomeOf, outcomeTold } from './outcome-texts.ts'
import { type QuestionThread, questionThread } from './question-thread.ts'
import type { Planned, ReadModelPlace } from './reader-thread.ts'

/** A reader at work in threads. */
export type OpenReader = Reader<Uint8Array> & {
  /**
   * Starts what answers before it is asked, so that the first question needn't wait for that.
   * Resolves once it answers, or can't.
   */
  begin(): Promise<void>
  /** Ends it; what waits is answered `unavailable`. */
  close(): Promise<void>
}

/**
 * Answers in a thread for each lane. It is started when it is first needed, and again after it died,
 * which `onDeath` is told.
 */
export function openReader(place: ReadModelPlace, onDeath: (error: unknown) => void): OpenReader {
  const lanes: Readonly<Record<Lane, QuestionThread>> = {
    questions: questionThread(place, onDeath),
    dryRuns: questionThread(place, onDeath),
    plans: questionThread(place, onDeath)
  }
  const ask = (question: Question) => lanes[laneOf(question)].ask(question)

  return {
    contact: (...asked) => ask({ name: 'contact', asked }) as Promise<Uint8Array | null>,
    identityOf: (...asked) => ask({ name: 'identityOf', asked }) as Promise<Uint8Array | null>,
    why: (...asked) => ask({ name: 'why', asked }) as Promise<Uint8Array>,
    graph: (...asked) => ask({ name: 'graph', asked }) as Promise<Uint8Array>,
    history: (...asked) => ask({ name: 'history', asked }) as Promise<readonly Position[]>,
    supposeObserved: (...asked) => ask({ name: 'supposeObserved', asked }) as Promise<Uint8Array>,
    supposeDecided: (...asked) => ask({ name: 'supposeDecided', asked }) as Promise<Uint8Array>,

    async plan(...asked) {
      const planned = (await lanes.plans.ask({ name: 'plan', asked })) as Planned
      const outcomes: Outcome[] = []
      for (const texts of planned.outcomes) outcomes.push(await outcomeOf(texts))
      const { plan } = planned
      const settlement = { ...plan.settlement, outcomes }
      const tell = (events: readonly Recorded[]) => decisionTold(publishDecided(events), planned)
      return { ...plan, settlement, tell }
    },

    // Contact 0 is nobody, so the answer costs nothing; `onDeath` is told of a thread that dies.
    begin: () => ask({ name: 'contact', asked: [0] }).then(nothing, nothing),

    cut: (lane) => lanes[lane].cut(),

    async close() {
      await Promise.all(Object.values(lanes).map((thread) => thread.close()))
    }
  }
}

/** A decision as it is told, with what was told of it already in its place. */
function decisionTold(
  { outcomes, ...decided }: ReturnType<typeof publishDecided>,
  { outcomes: texts, difference }: Planned
): Uint8Array {
  const told = outcomes.map((outcome, nth) => outcomeTold(outcome, texts[nth]?.parted))
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(decided).slice(0, -1)},`),
    difference.subarray(1, -1),
    Buffer.from(',"outcomes":['),
    ...joinedByCommas(told),
    Buffer.from(']}')
  ])
}

const nothing = () => {}
