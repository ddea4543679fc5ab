import { parentPort, workerData } from 'node:worker_threads'
import { mappedSize, openForReading } from '../projections/database.ts'
import { projector } from '../projections/projector.ts'
import { readingView } from '../projections/reading-view.ts'
import { writingView } from '../projections/writing-view.ts'
import type { AskedDecision } from '../src/decision.ts'
import { LedgerError, type LedgerErrorCode, type Problem } from '../src/domain/errors.ts'
import type { Position } from '../src/domain/event.ts'
import { dryRunsOn } from '../src/dry-runs.ts'
import { type Plan, planOn } from '../src/plan.ts'
import { publishDecision, publishDifference } from '../src/published-decision.ts'
import { publishWhy } from '../src/published-why.ts'
import type { Question, WritingView } from '../src/views.ts'
import { type OutcomeTexts, outcomeTexts } from './outcome-texts.ts'

/** Which read model it reads, and of which log. */
export type ReadModelPlace = { readonly path: string; readonly ledger: string }

/** What came of a question: its answer, JSON where it may be large; a refusal; or a bug. */
export type Reply =
  | { readonly answer: Answer }
  | { readonly refusal: Refusal }
  | { readonly error: unknown }

export type Answer = Uint8Array | readonly Position[] | Planned | null

/** A plan, its outcomes apart, and what is told of it as JSON, but for what its events tell. */
export type Planned = {
  readonly plan: Plan
  readonly outcomes: readonly OutcomeTexts[]
  readonly difference: Uint8Array
}

/** What a thread is asked. */
export type Task = Question | { readonly name: 'plan'; readonly asked: readonly [AskedDecision] }

type Refusal = {
  readonly code: LedgerErrorCode
  readonly message: string
  readonly problems: readonly Problem[]
}

const { path, ledger } = workerData as ReadModelPlace
const db = openForReading(path, ledger)
// It lasts, and reads what its own small cache can't hold.
db.pragma(`mmap_size = ${mappedSize}`)
const view = readingView(db)
const models = projector(db)
const writing = writingView(db, models)
const encoder = new TextEncoder()

parentPort?.on('message', (task: Task) => {
  const reply = replyTo(task)
  const large = 'answer' in reply ? largeIn(reply.answer) : []
  parentPort?.postMessage(
    reply,
    large.map(({ buffer }) => buffer as ArrayBuffer)
  )
})

/** What of an answer need not be copied on its way. */
function largeIn(answer: Answer): readonly Uint8Array[] {
  if (answer instanceof Uint8Array) return [answer]
  if (answer === null || !('plan' in answer)) return []
  return [answer.difference, ...answer.outcomes.flatMap(({ parted }) => parted)]
}

/** Answers from one state of the read model, whatever is committed meanwhile. */
function replyTo(task: Task): Reply {
  try {
    return { answer: db.transaction(answer)(task) }
  } catch (error) {
    if (!(error instanceof LedgerError)) return { error }
    const { code, message, problems } = error
    return { refusal: { code, message, problems } }
  }
}

function answer({ name, asked }: Task): Answer {
  switch (name) {
    case 'contact':
      return told(view.contact(...asked))
    case 'identityOf':
      return told(view.identityOf(...asked))
    case 'why':
      return told(publishWhy(view.why(...asked)))
    case 'graph':
      return told(view.graph(...asked))
    case 'history':
      return view.history(...asked)
    case 'supposeObserved':
      return told(dryRunsOn(writingNow()).supposeObserved(...asked))
    case 'supposeDecided':
      return told(publishDecision(dryRunsOn(writingNow()).supposeDecided(...asked)))
    case 'plan':
      return planned(...asked)
  }
}

function planned(asked: AskedDecision): Planned {
  const { plan, difference } = planOn(writingNow(), asked)
  const settlement = { ...plan.settlement, outcomes: [] }
  return {
    plan: { ...plan, settlement },
    outcomes: plan.settlement.outcomes.map(outcomeTexts),
    difference: json(publishDifference(difference))
  }
}

/** A writer's view of what was committed last. */
function writingNow(): WritingView {
  // It remembers what it read, and here somebody else writes.
  models.forget()
  return writing
}

function told(answer: object | null): Uint8Array | null {
  return answer === null ? null : json(answer)
}

function json(answer: object): Uint8Array {
  return encoder.encode(JSON.stringify(answer))
}
