import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { holdLog, openModel } from '../../scripts/wiring.ts'
import { readConfig } from '../../src/config.ts'
import { openLedger } from '../../src/group-commit.ts'
import { program, root } from './program.ts'

/** How a process ended, and all that it wrote. */
export type Ended = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export type Running = {
  readonly pid: number
  readonly ended: Promise<Ended>
  /** Sends a signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Ended>
  /** The first match in what it writes to standard output; null if it ends without one. */
  writes(pattern: RegExp): Promise<RegExpExecArray | null>
}

export type Options = {
  readonly env?: Readonly<Record<string, string>>
  /** A shell script that prepares the ground; then the command runs in the same process. */
  readonly within?: string
}

/** How long a process may take for anything, in ms. */
const patience = 20_000

/** How many command lines run at once: each loads all that it imports, and more share the same processors. */
const mostAtOnce = 4
let atOnce = 0
const inLine: (() => void)[] = []

const running = new Map<number, () => void>()
const killAll = () => {
  for (const kill of running.values()) kill()
}
process.once('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killAll()
    process.exit(1)
  })
}

/** A folder of a test's own, gone with it. */
export function freshFolder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'ledger-test-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What a request gives, and the key that it may come under. */
export type Request = { email?: string; phoneNumber?: string; key?: string }

/** Records requests in a ledger in this process, one by one, through the same code as a server's. */
export async function record(
  ledgerDir: string,
  requests: readonly Request[],
  { now = Date.now, whileOpen = () => {} }: { now?: () => number; whileOpen?: () => void } = {}
) {
  const config = readConfig({ LEDGER_DIR: ledgerDir })
  const held = holdLog(config, { create: true })
  const { view, close } = await openModel(config, held.log)
  const onFailure = (error: unknown) => {
    throw error
  }
  const ledger = openLedger({ log: held.log, view, now, onFailure })
  for (const { email = null, phoneNumber = null, key = null } of requests) {
    await ledger.observe({
      email,
      phoneNumber,
      source: 'test',
      idempotencyKey: key,
      observedAt: null
    })
  }
  whileOpen()
  await ledger.close()
  close()
  await held.close()
}

/** Starts the command line on a ledger. What a test starts ends with it, in any case. */
export function start(
  t: Test,
  ledgerDir: string,
  args: readonly string[],
  { env = {}, within }: Options = {}
): Running {
  const command = [process.execPath, ...program, ...args]
  // The test runner puts a reporter of its own into every child; this one is to be the service alone.
  const alone = `unset NODE_OPTIONS\n${within ?? ''}\nexec "$@"`
  const [file, ...rest] = ['bash', '-c', alone, 'bash', ...command] as const
  const child = spawn(file, rest, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      LEDGER_DIR: ledgerDir,
      ...env
    }
  })
  const pid = child.pid ?? 0
  running.set(pid, () => child.kill('SIGKILL'))
  const wrote = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    wrote.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    wrote.stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      running.delete(pid)
      resolve({ code, signal, ...wrote })
    })
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    pid,
    ended,
    async stop(signal) {
      child.kill(signal)
      const late = setTimeout(() => child.kill('SIGKILL'), patience)
      const end = await ended
      clearTimeout(late)
      return end
    },
    writes: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          const found = pattern.exec(wrote.stdout)
          if (found === null) return
          child.stdout.off('data', look)
          resolve(found)
        }
        child.stdout.on('data', look)
        look()
        void ended.then(() => resolve(pattern.exec(wrote.stdout)))
      })
  }
}

/** Runs the command line to its end, once there is room for it. */
export async function ledger(
  t: Test,
  ledgerDir: string,
  args: readonly string[],
  options?: Options
): Promise<Ended> {
  if (atOnce === mostAtOnce) await new Promise<void>((turn) => inLine.push(turn))
  else atOnce++
  try {
    const { ended, stop } = start(t, ledgerDir, args, options)
    const late = setTimeout(() => void stop('SIGKILL'), patience)
    const end = await ended
    clearTimeout(late)
    return end
  } finally {
    const next = inLine.shift()
    if (next === undefined) atOnce--
    else next()
  }
}

/** What was answered: the status, the body as JSON, and its media type. */
export type Answer = { readonly status: number; readonly type: string; readonly body: Json }
// biome-ignore lint/suspicious/noExplicitAny: a test looks into bodies of every shape.
export type Json = any

export type Server = Running & {
  readonly url: string
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Throws when there is no answer. */
  identify(body: object, idempotencyKey?: string): Promise<Answer>
}

/** Serves a ledger and waits until it is ready. Throws with what it wrote if it ends before. */
export async function serve(t: Test, ledgerDir: string, options?: Options): Promise<Server> {
  const process = start(t, ledgerDir, ['serve'], options)
  const late = setTimeout(() => void process.stop('SIGKILL'), patience)
  const [, url] = (await process.writes(/listening at (http:[^"]*).*"msg":"ready"/s)) ?? []
  clearTimeout(late)
  if (url === undefined) throw new Error(`no server: ${JSON.stringify(await process.ended)}`)
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init)
    const type = response.headers.get('content-type')?.split(';')[0] ?? ''
    return { status: response.status, type, body: await response.json() }
  }
  return {
    ...process,
    url,
    get: (path, headers = {}) => ask(path, { headers }),
    identify: (body, idempotencyKey) =>
      ask('/identify', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey })
        },
        body: JSON.stringify(body)
      })
  }
}
