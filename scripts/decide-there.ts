import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../src/config.ts'
import type { DecisionBody } from '../src/decision-body.ts'
import { LedgerError, type Problem } from '../src/domain/errors.ts'
import type { PublishedDecision } from '../src/published-decision.ts'
import { publish } from '../src/published-event.ts'
import { readLog } from './wiring.ts'

/**
 * Has a decision made by the server that holds the ledger, at HOST and PORT, once it has shown that
 * it serves this ledger and no other. Throws what it refuses as it would here, and `cannot_open`
 * when it can't be asked.
 */
export async function decideThere(
  config: Config,
  body: DecisionBody,
  dryRun: boolean
): Promise<PublishedDecision> {
  const url = urlOf(config)
  await mustServe(url, config)
  const answer = await ask(`${url}/decisions?dryRun=${dryRun}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  if (answer?.status === 200) return answer.body as PublishedDecision
  if (answer !== null) throw refusalIn(answer)
  throw cannotAsk('it stopped answering; the log tells whether the decision is on record')
}

/** Where a server with these settings is reached. */
export function urlOf({ host, port }: Pick<Config, 'host' | 'port'>): string {
  const reached = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

/** Throws `cannot_open` unless a server tells the last event of this ledger's log as it stands there. */
async function mustServe(url: string, config: Config) {
  const log = readLog(config)
  try {
    const after = Math.max(0, (await log.head()) - 1)
    const answer = await ask(`${url}/events?after=${after}&limit=1`)
    if (answer === null) throw cannotAsk('nothing answers there')
    if (answer.status === 503) throw refusalIn(answer)
    const last = (await log.read(after, 1)).map(publish)
    const { events } = (answer.body ?? {}) as { events?: unknown }
    if (!isDeepStrictEqual(events, JSON.parse(JSON.stringify(last)))) {
      throw cannotAsk('what answers there does not serve this ledger')
    }
  } finally {
    await log.close()
  }
}

type Answer = { readonly status: number; readonly body: unknown }

/** What is answered at a URL; null when nothing is. A body that is no JSON is none. */
async function ask(url: string, init?: RequestInit): Promise<Answer | null> {
  try {
    const response = await fetch(url, init)
    const text = await response.text()
    return { status: response.status, body: parsed(text) }
  } catch {
    return null
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function cannotAsk(reason: string): LedgerError {
  return new LedgerError(
    'cannot_open',
    `The process that has this ledger open can't be asked: ${reason}. HOST and PORT must be those of its server.`
  )
}

/** What a server refused, as this program would have refused it. */
function refusalIn({ status, body }: Answer): LedgerError {
  const { detail, errors } = (body ?? {}) as { detail?: string; errors?: readonly Problem[] }
  const code = status === 400 ? 'invalid' : status === 404 ? 'not_found' : 'cannot_open'
  return new LedgerError(code, detail ?? `The server answers ${status}.`, errors)
}
