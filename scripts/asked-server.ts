import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../src/config.ts'
import { LedgerError, type Problem } from '../src/domain/errors.ts'
import { publish } from '../src/published-event.ts'
import { readLog } from './wiring.ts'

/** What a server answered; a body that is no JSON is null. */
export type Answer = { readonly status: number; readonly body: unknown }

/** Where a server with these settings is reached. */
export function urlOf({ host, port }: Pick<Config, 'host' | 'port'>): string {
  const reached = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

/**
 * Throws `cannot_open` unless the server with these settings tells the last event of this ledger's
 * log as it stands there.
 */
export async function mustServe(config: Config) {
  const url = urlOf(config)
  const log = readLog(config)
  try {
    const after = Math.max(0, (await log.head()) - 1)
    const answer = await askServer(`${url}/events?after=${after}&limit=1`, config)
    if (answer === null) throw cannotAsk('nothing answers there')
    if (answer.status === 503 || answer.status === 401 || answer.status === 403)
      throw refusalIn(answer)
    const last = (await log.read(after, 1)).map(publish)
    const { events } = (answer.body ?? {}) as { events?: unknown }
    if (!isDeepStrictEqual(events, JSON.parse(JSON.stringify(last)))) {
      throw cannotAsk('what answers there does not serve this ledger')
    }
  } finally {
    await log.close()
  }
}

/** What is answered at a URL to whoever holds this token; null when nothing is. */
export async function askServer(
  url: string,
  { token }: Pick<Config, 'token'>,
  init: { method?: string; body?: string } = {}
): Promise<Answer | null> {
  const headers = {
    ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...bearing(token)
  }
  try {
    const response = await fetch(url, { ...init, headers })
    const text = await response.text()
    return { status: response.status, body: parsed(text) }
  } catch {
    return null
  }
}

/** What shows a token to a server, if there is one. */
export function bearing(token: string | null): Readonly<Record<string, string>> {
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

/** Why a server can't be asked, in words that end a sentence. */
export function cannotAsk(
  reason: string,
  advice = 'HOST and PORT must be those of its server.'
): LedgerError {
  return new LedgerError(
    'cannot_open',
    `The process that has this ledger open can't be asked: ${reason}. ${advice}`
  )
}

/** What a server refused, as this program would have refused it. */
export function refusalIn({ status, body }: Answer): LedgerError {
  if (status === 401 || status === 403) {
    return cannotAsk(
      `it takes keys, and answers ${status}`,
      'LEDGER_TOKEN must be the token of a key with the scope read, plus decide for decisions or identify for imports.'
    )
  }
  const { detail, errors } = (body ?? {}) as { detail?: string; errors?: readonly Problem[] }
  const code = status === 400 ? 'invalid' : status === 404 ? 'not_found' : 'cannot_open'
  return new LedgerError(code, detail ?? `The server answers ${status}.`, errors)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
