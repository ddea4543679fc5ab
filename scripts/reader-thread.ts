import { parentPort, workerData } from 'node:worker_threads'
import { mappedSize, openForReading } from '../projections/database.ts'
import { projector } from '../projections/projector.ts'
import { readingView } from '../projections/reading-view.ts'
import { writingView } from '../projections/writing-view.ts'
import { LedgerError, type LedgerErrorCode, type Problem } from '../src/domain/errors.ts'
import type { Position } from '../src/domain/event.ts'
import { dryRunsOn } from '../src/dry-runs.ts'
import { publishDecision } from '../src/published-decision.ts'
import { publishWhy } from '../src/published-why.ts'
import type { DryRuns, Question } from '../src/views.ts'

/** Which read model it reads, and of which log. */
export type ReadModelPlace = { readonly path: string; readonly ledger: string }

/** What came of a question: its answer, JSON where it may be large; a refusal; or a bug. */
export type Reply =
  | { readonly answer: Uint8Array | readonly Position[] | null }
  | { readonly refusal: Refusal }
  | { readonly error: unknown }

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
const dryRuns = dryRunsOn(writingView(db, models))
const encoder = new TextEncoder()

parentPort?.on('message', (question: Question) => {
  const reply = replyTo(question)
  const large = 'answer' in reply && reply.answer instanceof Uint8Array
  parentPort?.postMessage(reply, large ? [reply.answer.buffer as ArrayBuffer] : [])
})

/** Answers from one state of the read model, whatever is committed meanwhile. */
function replyTo(question: Question): Reply {
  try {
    return { answer: db.transaction(answer)(question) }
  } catch (error) {
    if (!(error instanceof LedgerError)) return { error }
    const { code, message, problems } = error
    return { refusal: { code, message, problems } }
  }
}

function answer({ name, asked }: Question): Uint8Array | readonly Position[] | null {
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
      return told(dryRunsNow().supposeObserved(...asked))
    case 'supposeDecided':
      return told(publishDecision(dryRunsNow().supposeDecided(...asked)))
  }
}

/** Dry runs on what was committed last. */
function dryRunsNow(): DryRuns {
  // The writer's view remembers what it read, and here somebody else writes.
  models.forget()
  return dryRuns
}

function told(answer: object | null): Uint8Array | null {
  return answer === null ? null : encoder.encode(JSON.stringify(answer))
}
