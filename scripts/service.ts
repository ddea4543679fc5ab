import type { FastifyBaseLogger } from 'fastify'
import type { ReadModel } from '../projections/read-model.ts'
import type { Config } from '../src/config.ts'
import { LedgerError } from '../src/domain/errors.ts'
import { type App, buildApp } from '../src/http/app.ts'
import type { Open, Service } from '../src/http/service.ts'
import { type Ledger, openLedger } from '../src/ledger.ts'
import { canonicalPhone } from '../src/phone-region.ts'
import { holdLog, openModel } from './wiring.ts'

/** How long requests under way may take once the service stops, in ms. */
const grace = 5_000

/** A service that listens, and that is ready as soon as its read model is at the log's head. */
export type Running = {
  readonly url: string
  readonly ready: Promise<void>
  /** Resolves when the service can't go on: a write failed, or the read model can't be opened. */
  readonly broken: Promise<unknown>
  /** Takes nothing more, finishes what is under way, and closes everything. */
  stop(): Promise<void>
}

/**
 * Starts serving a ledger: the lock, the log, the port, the read model, in that order.
 * Throws `cannot_open` for the first two and `unavailable` when it can't listen.
 */
export async function startService(config: Config, logger: FastifyBaseLogger): Promise<Running> {
  const held = holdLog(config, { create: true })
  const stopping = new AbortController()
  let state: Service['state'] = 'starting'
  let open: Open | null = null
  let model: ReadModel | null = null
  let breakDown: (reason: unknown) => void = () => {}
  const broken = new Promise<unknown>((resolve) => {
    breakDown = resolve
  })

  const service: Service = {
    get state() {
      return state
    },
    open() {
      if (open !== null && state === 'ready') return open
      throw new LedgerError('unavailable', `The service is ${state}.`)
    },
    canonicalPhone: canonicalPhone(config.phoneRegion)
  }

  async function openAll(): Promise<void> {
    model = await openModel(config, held.log, {
      rebuilding: (reason) => logger.warn({ reason }, 'rebuilding the read model'),
      signal: stopping.signal
    })
    const ledger: Ledger = openLedger({
      log: held.log,
      view: model.writing,
      now: Date.now,
      onFailure(error) {
        state = 'stopping'
        logger.fatal({ err: error }, 'a write failed; stopping, to go on from what is on disk')
        breakDown(error)
      }
    })
    open = { ledger, log: held.log, view: model.reading }
    state = 'ready'
    logger.info({ head: await held.log.head() }, 'ready')
  }

  const app = await buildApp({ service, logger })
  let url: string
  try {
    url = await listen(app, config)
  } catch (error) {
    await app.close()
    await held.close()
    throw error
  }
  const ready = openAll().catch((error: unknown) => {
    if (stopping.signal.aborted) return
    state = 'stopping'
    breakDown(error)
  })

  return {
    url,
    ready,
    broken,
    async stop() {
      state = 'stopping'
      stopping.abort()
      await ready
      const cut = setTimeout(() => app.server.closeAllConnections(), grace)
      await app.close()
      clearTimeout(cut)
      await open?.ledger.close()
      model?.close()
      await held.close()
    }
  }
}

async function listen(app: App, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    const reason =
      code === 'EADDRINUSE'
        ? 'another program uses that port; choose one with PORT'
        : code === 'EACCES'
          ? 'this user may not use that port'
          : `the system says ${code}`
    throw new LedgerError('unavailable', `Can't listen on ${host}:${port}: ${reason}.`)
  }
}
