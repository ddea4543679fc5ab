import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import { answerClientError } from './client-error.ts'
import type { KeyOf } from './keyring.ts'
import { defaultLimits, type Limits, serverLimits } from './limits.ts'
import { longLists } from './long-lists.ts'
import type { Exposition, HttpMetrics } from './metrics.ts'
import { openapi } from './openapi/document.ts'
import { pages } from './pages.ts'
import { access, recognition } from './plugins/access.ts'
import { answerHeaders } from './plugins/answer-headers.ts'
import { bodies } from './plugins/bodies.ts'
import { farewell } from './plugins/farewell.ts'
import { httpRules } from './plugins/http-rules.ts'
import { methods } from './plugins/methods.ts'
import { origin } from './plugins/origin.ts'
import { problems, sendProblem } from './plugins/problems.ts'
import { rateLimit } from './plugins/rate-limit.ts'
import { requestLog } from './plugins/request-log.ts'
import { revocation } from './plugins/revocation.ts'
import { problemOf } from './problem.ts'
import { batch } from './routes/batch.ts'
import { consoleFiles } from './routes/console.ts'
import { contacts } from './routes/contacts.ts'
import { decisions } from './routes/decisions.ts'
import { events } from './routes/events.ts'
import { health } from './routes/health.ts'
import { history } from './routes/history.ts'
import { identifiers } from './routes/identifiers.ts'
import { identify } from './routes/identify.ts'
import { identities } from './routes/identities.ts'
import { metrics as exposed } from './routes/metrics.ts'
import { openapiDocument } from './routes/openapi.ts'
import { stats } from './routes/stats.ts'
import { why } from './routes/why.ts'
import type { Service } from './service.ts'
import { validate } from './validate.ts'

export type AppOptions = {
  readonly service: Service
  readonly logger: FastifyBaseLogger
  /** Finds the key that a request carries; null for a service that is open to all who reach it. */
  readonly keyOf?: KeyOf | null
  /** Names each request, by a name that no other has. */
  readonly requestId?: () => string
  /** What is measured, and shown at `/metrics`; null where nothing is. */
  readonly metrics?: (Exposition & { readonly http: HttpMetrics }) | null
  /** Where the built console is; none is served where this is not given. */
  readonly console?: string
  /** After how much silence a stream of events shows that it lives, in ms. */
  readonly heartbeat?: number
  /** Other limits than the usual ones. */
  readonly limits?: Partial<Limits>
}

/** The HTTP API, not yet listening. It owns nothing of the service and leaves it open. */
export async function buildApp({
  service,
  logger,
  keyOf = null,
  metrics = null,
  requestId,
  console: folder,
  heartbeat = 15_000,
  limits: otherLimits = {}
}: AppOptions) {
  const limits = { ...defaultLimits, ...otherLimits }
  const app = Fastify({
    loggerInstance: logger,
    // One line a request is written when it is answered; a logger for each request is not needed.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    ...(requestId && { genReqId: requestId }),
    ...serverLimits(limits),
    frameworkErrors: (error, { id }, reply) =>
      sendProblem(reply.header('x-request-id', id), problemOf(error)),
    clientErrorHandler: (error, socket) =>
      answerClientError(error, socket, (status) => metrics?.http.refused('connection', status)),
    serializerOpts: longLists,
    forceCloseConnections: 'idle',
    return503OnClosing: false
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(validate)

  app.server.maxConnections = limits.connections

  await app.register(origin)
  await app.register(answerHeaders)
  await app.register(recognition, { keyOf })
  await app.register(revocation, { keyOf })
  await app.register(rateLimit, limits)
  await app.register(problems)
  await app.register(httpRules)
  await app.register(bodies)
  await app.register(requestLog, { metrics: metrics?.http ?? null })
  await app.register(farewell, { service })
  await app.register(openapi)
  await app.register(pages)
  const { collect, refuseOthers } = methods()
  await app.register(collect)

  // Open to all; what follows `access` needs a key, where the service has keys.
  await app.register(openapiDocument)
  await app.register(health, { service })
  if (folder !== undefined) await app.register(consoleFiles, { folder })

  await app.register(access, { keyOf })
  if (metrics !== null) await app.register(exposed, { exposition: metrics })
  await app.register(identify, { service })
  await app.register(batch, { service, patience: limits.patience })
  await app.register(decisions, { service })
  await app.register(contacts, { service })
  await app.register(history, { service })
  await app.register(identities, { service })
  await app.register(identifiers, { service })
  await app.register(events, { service, heartbeat })
  await app.register(why, { service })
  await app.register(stats, { service })
  await app.register(refuseOthers)
  return app
}

export type App = Awaited<ReturnType<typeof buildApp>>
