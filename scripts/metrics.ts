import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { LedgerError } from '../src/domain/errors.ts'
import { type Exposition, type HttpMetrics, httpMetrics } from '../src/http/metrics.ts'
import type { Ledger } from '../src/ledger.ts'
import type { EventLog } from '../src/log/event-log.ts'
import type { View } from '../src/views.ts'

/** What a service measures of itself. */
export type Metrics = Exposition & {
  readonly http: HttpMetrics
  /** The same log, its appends timed and counted. */
  watchLog(log: EventLog): EventLog
  /** The same read model, whose commits are noted. */
  watchView(view: View): View
}

/** The metrics of a service; `ledger` throws `unavailable` while there is none to be asked. */
export function openMetrics(ledger: () => Pick<Ledger, 'status' | 'stats' | 'waiting'>): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })

  const appends = new Histogram({
    name: 'ledger_append_duration_seconds',
    help: 'Time to make a batch durable: its transaction on the log, the fsync included.',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers
  })
  const batches = new Histogram({
    name: 'ledger_batch_events',
    help: 'Events that were made durable together.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048],
    registers
  })
  const ready = gauge('ledger_ready', 'Whether requests are taken: 1 or 0.')
  const queue = gauge('ledger_queue_length', 'Requests that wait to be decided.')
  const head = gauge('ledger_log_head', 'The position of the last event in the log.')
  const lag = gauge(
    'ledger_read_model_lag_events',
    'Events that the file of the read model does not show yet.'
  )
  const contacts = gauge('ledger_contacts', 'Live contacts.')
  const identities = gauge('ledger_identities', 'Identities.')
  const largest = gauge(
    'ledger_largest_identity_contacts',
    'Live contacts of the largest identity.'
  )
  const events = new Counter({
    name: 'ledger_events_total',
    help: 'Events in the log by type, whenever they were recorded.',
    labelNames: ['type'],
    registers
  })
  const merges = new Counter({
    name: 'ledger_merges_total',
    help: 'Times that identities were merged, whenever that was.',
    registers
  })
  const splits = new Counter({
    name: 'ledger_splits_total',
    help: 'Times that an identity came apart, whenever that was.',
    registers
  })
  let committed = 0

  const put = (counter: Counter<never>, total: number) => {
    counter.reset()
    counter.inc(total)
  }

  /** Asks the ledger; while there is none to be asked, what it told last stands. */
  async function refresh() {
    ready.set(0)
    try {
      const asked = ledger()
      const [status, stats] = await Promise.all([asked.status(), asked.stats()])
      ready.set(1)
      queue.set(asked.waiting())
      head.set(status.head)
      lag.set(status.head - committed)
      contacts.set(stats.contacts)
      identities.set(stats.identities)
      largest.set(stats.largest[0]?.contacts ?? Math.min(stats.identities, 1))
      events.reset()
      for (const [type, number] of Object.entries(stats.byType)) events.inc({ type }, number)
      put(merges, stats.byType['ContactsMerged'] ?? 0)
      put(splits, stats.byType['ContactsSplit'] ?? 0)
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
    }
  }

  return {
    http: httpMetrics(registry),
    contentType: registry.contentType,

    async text() {
      await refresh()
      return registry.metrics()
    },

    watchLog: (log) => ({
      ...log,
      async append(batch, expectedHead) {
        const started = performance.now()
        await log.append(batch, expectedHead)
        appends.observe((performance.now() - started) / 1_000)
        batches.observe(batch.length)
      }
    }),

    watchView(view) {
      committed = view.latest().position
      return {
        ...view,
        commit() {
          const all = view.commit()
          committed = view.latest().position
          return all
        }
      }
    }
  }
}
