import type { Workshop } from './bench.ts'
import type { Round } from './clients.ts'
import type { Wanted } from './ledgers.ts'
import type { Server } from './processes.ts'
import { alternate } from './rounds.ts'

/** Loads a server for some seconds; the same round asks the same. Round 0 brings it to its pace. */
export type Load<T = Round> = (url: string, round: number, seconds: number) => Promise<T>

/** A server that takes part in every round, its load, and how it is brought to its pace. */
export type Runner<T = Round> = {
  start(): Promise<Server>
  readonly load: Load<T>
  readonly warmUp: Load<unknown>
}

/** Has the product serve a ledger. */
export function serve({ processes }: Pick<Workshop, 'processes'>, dir: string): Promise<Server> {
  return processes.serve('scripts/ledger.ts', { args: ['serve'], env: { LEDGER_DIR: dir } })
}

/** The product on a copy of a ledger, which is gone once the server has stopped. */
export function onCopy<T>(
  workshop: Workshop,
  wanted: Wanted,
  load: Load<T>,
  warmUp: Load<unknown> = load
): Runner<T> {
  return {
    ...{ load, warmUp },
    async start() {
      const dir = await workshop.ledgers.copy(wanted)
      return untilStopped(await serve(workshop, dir), () => workshop.ledgers.discard(dir))
    }
  }
}

/** A server after which something is cleared away. */
export function untilStopped(server: Server, clear: () => void): Server {
  return {
    ...server,
    async stop() {
      await server.stop()
      clear()
    }
  }
}

/** The yardstick of what is served: a route with nothing behind it. */
export function bareRoute<T>({ processes }: Workshop, load: Load<T>): Runner<T> {
  return { load, warmUp: load, start: () => processes.serve('scripts/bench/bare.ts') }
}

/**
 * Starts all of them, loads each until it is at its pace, and measures them in turns. All stay up
 * for all rounds: a server that has only just started would be held against one that has not.
 */
export async function inTurns<Name extends string, T>(
  { sizes }: Pick<Workshop, 'sizes'>,
  runners: Readonly<Record<Name, Runner<T>>>,
  rounds = sizes.rounds
): Promise<Record<Name, T[]>> {
  const started: { name: string; server: Server; load: Load<T> }[] = []
  for (const [name, runner] of Object.entries<Runner<T>>(runners)) {
    started.push({ name, server: await atItsPace(runner, sizes), load: runner.load })
  }
  const contenders = started.map(({ name, server, load }) => [
    name,
    (round: number) => load(server.url, round, sizes.seconds)
  ])
  const measured = await alternate<Name, T>(rounds, Object.fromEntries(contenders))
  for (const { server } of started) await server.stop()
  return measured
}

/**
 * The same, each started anew for every round: what a round leaves behind would make a small ledger
 * another one in the next. They are brought to their pace anew as well.
 */
export function afresh<Name extends string, T>(
  { sizes }: Pick<Workshop, 'sizes'>,
  runners: Readonly<Record<Name, Runner<T>>>,
  rounds = sizes.rounds
): Promise<Record<Name, T[]>> {
  const contenders = Object.entries<Runner<T>>(runners).map(([name, runner]) => [
    name,
    async (round: number) => {
      const server = await atItsPace(runner, sizes)
      const measured = await runner.load(server.url, round, sizes.seconds)
      await server.stop()
      return measured
    }
  ])
  return alternate<Name, T>(rounds, Object.fromEntries(contenders))
}

async function atItsPace(
  { start, warmUp }: Runner<unknown>,
  { warmUp: seconds }: Workshop['sizes']
): Promise<Server> {
  const server = await start()
  await warmUp(server.url, 0, seconds)
  return server
}
