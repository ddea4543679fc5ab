import type { Config } from '../../src/config.ts'
import type { Observation } from '../../src/domain/decide.ts'
import { LedgerError } from '../../src/domain/errors.ts'
import type { ProblemDetails } from '../../src/http/problem.ts'
import type { Receipt } from '../../src/receipt.ts'
import { bearing, mustServe, urlOf } from '../asked-server.ts'
import type { Outcome, Way } from './way.ts'

/** What a line of a batch is answered. */
type LineAnswer = { readonly status: number } & (
  | { readonly receipt: Receipt }
  | { readonly problem: ProblemDetails }
)

/** The way through the server at HOST and PORT, once it has shown that it serves this ledger. */
export async function wayThere(config: Config): Promise<Way> {
  await mustServe(config)
  const url = `${urlOf(config)}/identify/batch?answer=receipt`
  const headers = { 'content-type': 'application/x-ndjson', ...bearing(config.token) }
  let before: Promise<unknown> = Promise.resolve()
  return {
    // Its region is the server's to know.
    canonical: (phone) => phone,
    record(asked) {
      const recorded = before.then(() => post(url, headers, asked))
      before = recorded.catch(() => {})
      return recorded
    },
    async close() {
      await before
    }
  }
}

async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  asked: readonly Observation[]
): Promise<readonly Outcome[]> {
  const { status, text } = await answerTo(url, headers, asked.map(lineOf).join(''))
  if (status !== 200) throw cut(`it answers ${status}`)
  const answers = text.split('\n').slice(0, -1)
  const outcomes = answers.map((line) => outcomeIn(JSON.parse(line)))
  if (outcomes.length === asked.length) return outcomes
  throw cut('it did not answer every line')
}

async function answerTo(url: string, headers: Readonly<Record<string, string>>, body: string) {
  try {
    const answer = await fetch(url, { method: 'POST', headers, body })
    return { status: answer.status, text: await answer.text() }
  } catch {
    throw cut('it stopped answering')
  }
}

function lineOf({ observedAt, ...asked }: Observation): string {
  const time = observedAt === null ? null : new Date(observedAt).toISOString()
  return `${JSON.stringify({ observedAt: time, ...asked })}\n`
}

function outcomeIn(answer: LineAnswer): Outcome {
  if ('receipt' in answer) return answer.receipt
  const { status, problem } = answer
  if (status !== 400 && status !== 422) throw cut(`it answers ${status} to a line`)
  const errors = (problem.errors ?? []).map(({ path, message }) => `${path} ${message}`)
  return { refused: [problem.detail, ...errors].join(' ') }
}

function cut(reason: string): LedgerError {
  return new LedgerError('unavailable', `The server can't go on with this import: ${reason}.`)
}
