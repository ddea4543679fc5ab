import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A server in a process of its own. */
export type Server = {
  readonly url: string
  /** How much memory it has now, in MiB. */
  memory(): number
  stop(): Promise<void>
}

/** How a program went that ran to its end. */
export type Ran = {
  readonly out: string
  readonly seconds: number
  /** The most memory that it had, in MiB. */
  readonly peak: number
}

/** What a script is started with. */
export type Start = {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Whether it is plain JavaScript, and where it runs then. */
  readonly plainIn?: string
}

/** Processes that are started, and all ended at the end. */
export type Processes = {
  /** Starts a server on a free port and waits until it takes requests. Throws when it does not. */
  serve(script: string, start?: Start): Promise<Server>
  /** Runs a program to its end. Throws when it fails. */
  run(script: string, start?: Start): Promise<Ran>
  endAll(): Promise<void>
}

/** How long a server may take to be ready, in ms. */
const patience = 300_000

const preload = join(import.meta.dirname, 'peak-memory.mjs')

/** `folder` is where processes leave what they tell at their end. */
export function processesIn(folder: string): Processes {
  const running = new Set<ChildProcess>()
  let runs = 0

  const launch = (
    script: string,
    { args = [], env = {}, plainIn }: Start,
    out: 'pipe' | 'ignore'
  ) => {
    const loader = plainIn === undefined ? ['--import', 'tsx', '--import', preload] : []
    const child = spawn(process.execPath, [...loader, script, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', out, 'inherit'],
      ...(plainIn === undefined ? {} : { cwd: plainIn })
    })
    running.add(child)
    child.once('exit', () => running.delete(child))
    return child
  }

  const end = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }

  return {
    async serve(script, start = {}) {
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const env = { ...start.env, PORT: String(port) }
      const child = launch(script, { ...start, env }, 'ignore')
      for (const until = Date.now() + patience; Date.now() < until; await wait(20)) {
        if (child.exitCode !== null) break
        const ready = await fetch(`${url}/health/ready`).catch(() => null)
        await ready?.text()
        if (ready !== null && ready.status !== 503) {
          return { url, memory: () => memoryOf(child), stop: () => end(child) }
        }
      }
      throw new Error(`${script} did not start`)
    },

    async run(script, start = {}) {
      const told = join(folder, `peak-${++runs}`)
      const started = performance.now()
      const child = launch(script, { ...start, env: { ...start.env, PEAK_FILE: told } }, 'pipe')
      let out = ''
      child.stdout?.setEncoding('utf8').on('data', (text) => {
        out += text
      })
      const [code] = await once(child, 'close')
      const seconds = (performance.now() - started) / 1_000
      if (code !== 0) throw new Error(`${script} ended with ${code}`)
      const peak = Number(readFileSync(told, 'utf8')) / 1_024
      rmSync(told)
      return { out, seconds, peak }
    },

    async endAll() {
      await Promise.all([...running].map(end))
    }
  }
}

/** In MiB, as the system tells it. */
function memoryOf({ pid }: ChildProcess): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
