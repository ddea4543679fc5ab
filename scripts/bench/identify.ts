import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openLedger } from '../../src/group-commit.ts'
import { holdLog, openModel } from '../wiring.ts'
import { clients, type Round } from './clients.ts'
import { mix, seed } from './mix.ts'

/**
 * `/identify` under load beside a bare Fastify route with the same schemas, in alternating rounds.
 * CONTACTS, CONNECTIONS, SECONDS and ROUNDS change its size; CLIENT is `autocannon` or `node`.
 */
const setting = (name: string, unset: number) => Number(process.env[name] ?? unset)
const contacts = setting('CONTACTS', 100_000)
const connections = setting('CONNECTIONS', 64)
const duration = setting('SECONDS', 5)
const rounds = setting('ROUNDS', 5)
const clientName = process.env['CLIENT'] ?? 'autocannon'
const client = clients[clientName] ?? fail(`CLIENT is one of ${Object.keys(clients).join(', ')}`)

const dir = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'ledger-bench-'))
const node = ['--import', 'tsx']
const running: ChildProcess[] = []
try {
  await fill()
  const env = { ...process.env, LEDGER_DIR: dir }
  const ours = await start(['scripts/ledger.ts', 'serve'], { ...env, PORT: '4301' })
  const bare = await start(['scripts/bench/bare.ts'], { ...env, PORT: '4302' })
  const results = { ours: [] as Round[], bare: [] as Round[] }
  await load(bare, 99)
  await load(ours, 98)
  for (let round = 1; round <= rounds; round++) {
    results.bare.push(await load(bare, round))
    results.ours.push(await load(ours, round))
  }
  report(results.ours, results.bare)
} finally {
  for (const child of running) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  rmSync(dir, { recursive: true, force: true })
}

function fail(message: string): never {
  throw new Error(message)
}

/** Fills a ledger in process, through the same code as a server's. */
async function fill() {
  const config = {
    host: '',
    port: 0,
    ledgerDir: dir,
    logLevel: 'silent',
    phoneRegion: null
  } as const
  const held = holdLog(config, { create: true })
  const model = await openModel(config, held.log)
  const fail = (error: unknown) => console.error(error)
  const ledger = openLedger({ log: held.log, view: model.view, now: Date.now, onFailure: fail })
  let pending: Promise<unknown>[] = []
  for (const body of seed(contacts)) {
    pending.push(
      ledger.observe({ ...body, source: 'bench', idempotencyKey: null, observedAt: null })
    )
    if (pending.length < 1_000) continue
    await Promise.all(pending)
    pending = []
  }
  await Promise.all(pending)
  await ledger.close()
  model.close()
  await held.close()
}

async function start(script: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, [...node, ...script], {
    env,
    stdio: ['ignore', 'ignore', 'inherit']
  })
  running.push(child)
  const url = `http://127.0.0.1:${env['PORT']}`
  for (let tries = 0; tries < 200; tries++) {
    await wait(50)
    const answer = await fetch(`${url}/identify`).catch(() => null)
    const ready = await fetch(`${url}/health/ready`).catch(() => null)
    if (answer !== null && ready?.status !== 503) return url
  }
  throw new Error(`${script.join(' ')} did not start`)
}

function load(url: string, salt: number): Promise<Round> {
  const bodies = mix(contacts, salt)
  return client(url, () => JSON.stringify(bodies.next().value), connections, duration)
}

function report(ours: readonly Round[], bare: readonly Round[]) {
  const median = (numbers: readonly number[]) =>
    numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
  const told = (name: string, of: readonly Round[]) => {
    const perSecond = median(of.map((round) => round.perSecond))
    const p99 = median(of.map((round) => round.p99))
    const failed = of.reduce((sum, round) => sum + round.failed, 0)
    console.log(`${name}: ${Math.round(perSecond)} requests/s, p99 ${p99} ms, ${failed} failed`)
    return perSecond
  }
  console.log(`${contacts} contacts, ${connections} connections, ${rounds} rounds of ${duration} s`)
  console.log(`Node ${process.version}, ${cpus().length} cores, client: ${clientName}`)
  const [mine, yardstick] = [told('identify', ours), told('bare route', bare)]
  console.log(`ratio of medians: ${(mine / yardstick).toFixed(2)}`)
}
