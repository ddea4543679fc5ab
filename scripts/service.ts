import type { FastifyBaseLogger } from 'fastify'
import { type Config, mustBeGuarded } from '../src/config.ts'
import { LedgerError } from '../src/domain/errors.ts'
import { openLedger } from '../src/group-commit.ts'
import { buildApp } from '../src/http/app.ts'
import type { KeyOf } from '../src/http/keyring.ts'
import type { Service } from '../src/http/service.ts'
import type { Ledger } from '../src/ledger.ts'
import { canonicalPhone } from '../src/phone-region.ts'
import { watchKeys } from './key-file.ts'
import { listen } from './listen.ts'
import { openMetrics } from './metrics.ts'
import { consoleFolder } from './package.ts'
import { openReader } from './reader.ts'
import { requestIds } from './request-ids.ts'
import { filesOf, holdLog, openModel } from './wiring.ts'

/** How long requests under way may take once the service stops, in ms. */
const grace = 5_000

/** How long before that time is up whoever still waits for a reader or a plan is refused, in ms. */
const lastWord = 500

/** A service that listens, and that is ready as soon as its read model is at the log's head. */
export type Running = {
  readonly url: string
  /** Resolves with the error when the service can't go on: a write failed, or opening did. */
  readonly broken: Promise<unknown>
  /** Takes nothing more, finishes what is under way, and closes everything. */
  stop(): Promise<void>
}

/**
 * Starts serving a ledger: the keys, the lock, the log, the port, the read model, in that order.
 * Throws `invalid` for the keys, `cannot_open` for the next two, `unavailable` when it can't listen.
 */
export async function startService(config: Config, logger: FastifyBaseLogger): Promise<Running> {
  mustBeGuarded(config)
  const keys = config.apiKeysFile === null ? null : watchKeys(config.apiKeysFile, logger)
  try {
    const running = await start(config, logger, keys?.keyOf ?? null)
    return { ...running, stop: () => running.stop().finally(() => keys?.close()) }
  } catch (error) {
    keys?.close()
    throw error
  }
}

type Opened = {
  readonly ledger: Ledger<Uint8Array>
  /** Refuses what waits for a reader, and what comes to it. */
  endReader(): Promise<void>
  close(): Promise<void>
}

async function start(
  config: Config,
  logger: FastifyBaseLogger,
  keyOf: KeyOf | null
): Promise<Running> {
  const held = holdLog(config, { create: true })
  const stopping = new AbortController()
  const broken = milestone<unknown>()
  let state: Service['state'] = 'starting'
  let opened: Opened | null = null

  const service: Service = {
    get state() {
      return state
    },
    ledger() {
      if (opened !== null && state === 'ready') return opened.ledger
      throw new LedgerError('unavailable', `The service is ${state}.`)
    },
    canonicalPhone: canonicalPhone(config.phoneRegion)
  }

  const metrics = openMetrics(() => service.ledger())

  function breakDown(error: unknown) {
    state = 'stopping'
    broken.reach(error)
  }

  async function open() {
    const model = await openModel(config, held.log, {
      rebuilding: (reason) => logger.warn({ reason }, 'rebuilding the read model'),
      signal: stopping.signal,
      mapped: true
    })
    if (stopping.signal.aborted) return model.close()
    const onFailure = (error: unknown) => {
      logger.fatal({ err: error }, 'a write failed; stopping, to go on from what is on disk')
      breakDown(
        new LedgerError(
          'unavailable',
          'A write failed; the log above says why. Start again to go on from what is on disk.'
        )
      )
    }
    const log = metrics.watchLog(held.log)
    const view = metrics.watchView(model.view)
    const reader = openReader({ path: filesOf(config).readModel, ledger: held.log.id }, (err) => {
      // One that starts after a failed write finds the read model given up: that was told already.
      if (state !== 'stopping') logger.error({ err }, 'a thread for large identities ended')
    })
    // To sync the read model's file, `model.close` needs the thread's connection to be closed.
    const close = () => reader.close().finally(model.close)
    const begun = view.anyLarge() ? reader.begin() : null
    let ledger: Ledger<Uint8Array>
    try {
      ledger = openLedger({ log, view, reader, now: Date.now, onFailure, preload: true })
    } catch (error) {
      await close()
      throw error
    }
    opened = { ledger, close, endReader: reader.close }
    const cut = () => void reader.close()
    stopping.signal.addEventListener('abort', cut)
    await begun
    stopping.signal.removeEventListener('abort', cut)
    if (state !== 'starting') return
    state = 'ready'
    logger.info(await ledger.status(), 'ready')
  }

  const app = await buildApp({
    service,
    logger,
    console: consoleFolder,
    keyOf,
    metrics,
    requestId: requestIds(),
    limits: { requestsPerMinute: config.rateLimit }
  })
  const url = await listen(app, config).catch(async (error) => {
    await app.close()
    await held.close()
    throw error
  })
  const opening = open().catch((error) => {
    if (!stopping.signal.aborted) breakDown(error)
  })

  return {
    url,
    broken: broken.reached,
    async stop() {
      state = 'stopping'
      // A rebuild that is cut short leaves the old read model, or none, and is begun anew.
      stopping.abort()
      await opening
      let closing: Promise<void> | undefined
      const closeLedger = () => {
        closing ??= opened?.ledger.close()
        return closing
      }
      const giveNotice = () => {
        void opened?.endReader()
        // Awaited below, where a failure is told.
        closeLedger()?.catch(() => {})
      }
      const timers = [
        setTimeout(giveNotice, grace - lastWord),
        setTimeout(() => app.server.closeAllConnections(), grace)
      ]
      try {
        await app.close()
        await closeLedger()
      } finally {
        for (const timer of timers) clearTimeout(timer)
        await opened?.close()
        await held.close()
      }
    }
  }
}

function milestone<T>() {
  let reach: (value: T) => void = () => {}
  const reached = new Promise<T>((resolve) => {
    reach = resolve
  })
  return { reach, reached }
}
