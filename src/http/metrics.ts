import { Counter, Histogram, type Registry } from 'prom-client'

/** What was refused: a whole request, a line of a batch, or bytes that never became a request. */
export type Refused = 'request' | 'line' | 'connection'

/** What the HTTP surface tells of itself. Labels are routes and statuses, never what was asked. */
export type HttpMetrics = {
  /** A request was answered, after so many seconds; null is a path that is not known. */
  answered(method: string, route: string | null, status: number, seconds: number): void
  refused(what: Refused, status: number): void
}

/** All that is measured, as Prometheus reads it. */
export type Exposition = { readonly contentType: string; text(): Promise<string> }

/** The metrics of the HTTP surface, in a registry. */
export function httpMetrics(registry: Registry): HttpMetrics {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request’s headers to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry]
  })
  const refusals = new Counter({
    name: 'http_refusals_total',
    help: 'What was answered with a status of 400 or more: requests, lines of batches, and bytes that were no request.',
    labelNames: ['what', 'status'],
    registers: [registry]
  })
  /** Looking a series up by its labels costs several times what observing it does. */
  const series = new Map<string, { observe(seconds: number): void }>()
  const durationsOf = (method: string, route: string, status: number) => {
    const name = `${method} ${status} ${route}`
    const found = series.get(name) ?? durations.labels({ method, route, status })
    series.set(name, found)
    return found
  }
  return {
    answered(method, route, status, seconds) {
      durationsOf(method, route ?? 'none', status).observe(seconds)
      if (status >= 400) refusals.inc({ what: 'request', status })
    },
    refused: (what, status) => refusals.inc({ what, status })
  }
}
