import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pino, { type Logger } from 'pino'
import type { Test } from 'tap'
import { type Verdict, verify } from '../../projections/verify.ts'
import { startService } from '../../scripts/service.ts'
import { filesOf, readLog } from '../../scripts/wiring.ts'
import type { Config } from '../../src/config.ts'
import type { Identity } from '../../src/domain/answer.ts'
import type { PublishedEvent } from '../../src/published-event.ts'
import type { ContactRow, ContactWithIdentity } from '../../src/views.ts'

/** What is sent to a service: `body` goes as it is, and as JSON where no header says otherwise. */
export type Asked = {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Uint8Array
}

/** What a service answered; `body` is parsed where it is JSON of some kind. */
export type Answered = {
  readonly method: string
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: unknown
}

/** A service at work on a ledger of its own, asked over HTTP. */
export type Served = {
  readonly port: number
  send(asked: Asked): Promise<Answered>
  get(path: string): Promise<Answered>
  /** Posts to `/identify`: a string or bytes as they are, anything else as JSON. */
  post(body: unknown, headers?: Asked['headers']): Promise<Answered>
  /** Posts a pair that must be accepted. */
  identify(email: string | null, phoneNumber?: string | number | null): Promise<Identity>
  contact(id: number): Promise<ContactRow>
  /** The whole log. */
  events(): Promise<PublishedEvent[]>
  /** The position of the last event. */
  head(): Promise<number>
  /** Sends bytes over a connection of their own; resolves with all that came back until its end. */
  raw(bytes: string | Uint8Array): Promise<string>
  verify(): Promise<Verdict>
  /** Stops the service; the end of the test does so where nobody did. */
  stop(): Promise<void>
}

/** Starts the real service on a new ledger and a free port; it stops with the test. */
export async function serve(
  t: Test,
  logger: Logger = pino({ level: 'silent' }),
  settings: Partial<Config> = {}
): Promise<Served> {
  const ledgerDir = mkdtempSync(join(tmpdir(), 'identity-ledger-'))
  const host = '127.0.0.1'
  const config: Config = {
    ...{ host, port: 0, ledgerDir, logLevel: 'silent', phoneRegion: null },
    ...{ apiKeysFile: null, rateLimit: null, token: null },
    ...settings
  }
  const running = await startService(config, logger)
  const agent = new Agent({ keepAlive: true })
  let stopped: Promise<void> | null = null
  const stop = () => {
    agent.destroy()
    stopped ??= running.stop()
    return stopped
  }
  t.teardown(async () => {
    await stop()
    rmSync(ledgerDir, { recursive: true })
  })
  const port = Number(new URL(running.url).port)

  const send: Served['send'] = ({ method = 'GET', path, headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const framed = body === undefined ? headers : { ...framing(body, headers), ...headers }
      const options = { host, port, agent, method, path, headers: framed }
      const asked = request(options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response
          const text = Buffer.concat(chunks).toString()
          resolve({ method, status, headers, text, body: parsed(text) })
        })
      })
      asked.on('error', reject)
      asked.end(body)
    })

  const accepted = async <T>(answer: Promise<Answered>): Promise<T> => {
    const { status, text, body } = await answer
    if (status === 200) return body as T
    throw new Error(`was answered ${status}: ${text}`)
  }

  const get: Served['get'] = (path) => send({ path })
  const post: Served['post'] = (body, headers = {}) => {
    const asIs = typeof body === 'string' || body instanceof Uint8Array
    return send({
      method: 'POST',
      path: '/identify',
      headers,
      body: asIs ? body : JSON.stringify(body)
    })
  }

  while ((await get('/health/ready')).status !== 200) await pause(5)

  return {
    port,
    send,
    get,
    post,
    stop,
    identify: (email, phoneNumber = null) => accepted(post({ email, phoneNumber })),

    async contact(id) {
      return (await accepted<ContactWithIdentity>(get(`/contacts/${id}`))).contact
    },

    async events() {
      const all: PublishedEvent[] = []
      for (let after: number | null = 0; after !== null; ) {
        const page: { events: PublishedEvent[]; next: number | null } = await accepted(
          get(`/events?limit=1000&after=${after}`)
        )
        all.push(...page.events)
        after = page.next
      }
      return all
    },

    async head() {
      return (await accepted<{ head: number }>(get('/health/ready'))).head
    },

    raw(bytes) {
      return new Promise((resolve) => {
        const chunks: Buffer[] = []
        const socket = connect({ host, port }, () => socket.end(bytes))
        socket.on('data', (chunk) => chunks.push(chunk))
        // A server that has heard enough may reset the connection; what it said until then counts.
        socket.on('error', () => {})
        socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
      })
    },

    async verify() {
      const log = readLog(config)
      try {
        return await verify(log, filesOf(config).readModel)
      } finally {
        await log.close()
      }
    }
  }
}

/** What only the inside of the service may see: stacks, SQL, and the words of libraries. */
const inside =
  /\bat .*:\d+:\d+|node_modules|sqlite|SELECT |INSERT |fastify|FST_|typebox|JSON at position|Unexpected token/i

/** Says what an answer lacks of a refusal in problem details (RFC 9457); null when it is one. */
export function flawOf({ method, status, headers, text, body }: Answered): string | null {
  if (status < 400 || status > 499) return `${status} is no refusal`
  if (headers['content-type']?.split(';')[0] !== 'application/problem+json') {
    return `${status} is answered as ${headers['content-type']}: ${text}`
  }
  if (method === 'HEAD') return text === '' ? null : 'HEAD is answered with a body'
  if (inside.test(text)) return `the answer shows the inside: ${text}`
  if (typeof body !== 'object' || body === null) return `the answer is no object: ${text}`
  const { errors, ...told } = body as Record<string, unknown>
  const { type, title, detail } = told
  if (Object.keys(told).sort().join() !== 'detail,status,title,type') {
    return `the answer has other members: ${text}`
  }
  if (told['status'] !== status) return `${status} is told as ${told['status']}`
  if (![type, title, detail].every((one) => typeof one === 'string' && one !== '')) {
    return `a member is no text: ${text}`
  }
  const list = errors === undefined ? [{ path: '', message: '.' }] : errors
  const named = Array.isArray(list) && list.length > 0 && list.every(isPointedOut)
  return named ? null : `the errors are not pointed out: ${text}`
}

function isPointedOut({ path, message }: { path: unknown; message: unknown }) {
  return typeof path === 'string' && /^(\/.*)?$/s.test(path) && typeof message === 'string'
}

/** Asserts a refusal; `at` are the paths of its errors. */
export function refused(
  t: Test,
  answer: Answered,
  status: number,
  claim: string,
  at: readonly string[] | null = null
) {
  const { errors = [] } = (answer.body ?? {}) as { errors?: { path: string }[] }
  const paths = at === null ? null : errors.map(({ path }) => path)
  t.strictSame([answer.status, flawOf(answer), paths], [status, null, at], claim)
}

/** What a body is and where it ends; Node's client leaves the latter out of a GET. */
function framing(body: string | Uint8Array, headers: Asked['headers'] = {}) {
  const type = { 'content-type': 'application/json' }
  if (headers['transfer-encoding'] !== undefined) return type
  return { ...type, 'content-length': String(Buffer.byteLength(body)) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
