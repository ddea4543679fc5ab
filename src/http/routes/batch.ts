import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from '@sinclair/typebox'
import { errorCodes } from 'fastify'
import type { Observation } from '../../domain/decide.ts'
import { LedgerError } from '../../domain/errors.ts'
import type { ContactId } from '../../domain/event.ts'
import type { Ledger } from '../../ledger.ts'
import type { Held, Told } from '../answer-queue.ts'
import { readTold } from '../as-told.ts'
import { readBatchLine } from '../batch-line.ts'
import { type Batch, batchStream } from '../batch-stream.ts'
import { bulkLane } from '../bulk-lane.ts'
import { ownPace } from '../own-pace.ts'
import { originOf } from '../plugins/origin.ts'
import { sendProblem } from '../plugins/problems.ts'
import { logRequest } from '../plugins/request-log.ts'
import { problem, problemOf } from '../problem.ts'
import type { Service } from '../service.ts'

const mediaType = 'application/x-ndjson'

/** How many batches may be under way at once. */
const mostOpen = 100

const Query = Type.Object(
  {
    answer: Type.Union(
      [Type.Literal('identity'), Type.Literal('primary'), Type.Literal('receipt')],
      { default: 'identity', description: 'identity, primary or receipt' }
    )
  },
  { additionalProperties: false }
)

type Recording = Pick<Ledger, 'observe' | 'record'>

/** How a line is recorded and what is told of it, by what the client wants to be answered. */
const observers: Readonly<
  Record<Static<typeof Query>['answer'], (ledger: Recording, asked: Observation) => Promise<Told>>
> = {
  identity: async (ledger, asked) => ({ identity: await ledger.observe(asked) }),
  primary: async (ledger, asked) => {
    const { primaryContactId } = await ledger.record(asked)
    if (primaryContactId !== null) return { primaryContactId }
    throw heldByNobody()
  },
  receipt: async (ledger, asked) => ({ receipt: await ledger.record(asked) })
}

export type BatchRouteOptions = {
  readonly service: Service
  /** How long a client may take for the next line, or to take an answer, in ms. */
  readonly patience: number
}

/**
 * `POST /identify/batch`: observations as lines of JSON, answered in their order, each as `/identify`
 * would answer it. The rest of the body may still be on its way.
 */
export const batch: FastifyPluginAsyncTypebox<BatchRouteOptions> = async (
  app,
  { service, patience }
) => {
  const open = new Set<Batch>()
  const held: Held = { weight: 0 }
  const lane = bulkLane(() => service.state === 'ready' && service.ledger().crowded())

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(mediaType, ({ headers }, body, done) => {
    const encoded = headers['content-encoding'] !== undefined
    done(encoded ? new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(mediaType) : null, body)
  })
  app.addHook('preClose', async () => {
    for (const batch of open) batch.hurry()
  })

  async function look(primary: ContactId): Promise<Told> {
    const identity = readTold(await service.ledger().contact(primary))?.identity
    if (identity) return { identity }
    throw heldByNobody()
  }

  app.post(
    '/identify/batch',
    {
      config: { needs: 'identify' },
      schema: { querystring: Query },
      errorHandler: (error, _, reply) => {
        if (error.code !== 'FST_ERR_CTP_INVALID_MEDIA_TYPE') throw error
        return sendProblem(
          reply,
          problem(415, `Send lines of JSON as ${mediaType}, without a content encoding.`)
        )
      }
    },
    async (request, reply) => {
      const { body, log, query, raw } = request
      if (body === undefined) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE('none')
      const origin = originOf(request)
      service.ledger()
      if (open.size >= mostOpen) {
        throw new LedgerError('overloaded', 'Too many batches are under way.')
      }
      const told = (error: unknown): Told => {
        const problem = problemOf(error)
        app.metrics?.refused('line', problem.status)
        if (problem.status === 500) log.error({ err: error }, 'a line of a batch failed')
        return { problem }
      }
      const batch = batchStream(raw, {
        held,
        look: (primary) => look(primary).catch(told),
        patience,
        onClose: lane.forget,
        take(bytes, answer, again) {
          if (!lane.enter(again)) return false
          try {
            const asked = readBatchLine(bytes, service.canonicalPhone)
            if (asked === null) lane.leave()
            else {
              const observed = observers[query.answer](service.ledger(), { origin, ...asked })
              const give = answer()
              observed.then(give, (error) => give(told(error))).finally(lane.leave)
            }
          } catch (error) {
            lane.leave()
            answer()(told(error))
          }
          return true
        }
      })
      open.add(batch)
      app.onRevoked(request, () => batch.stream.destroy())
      ownPace.add(raw)
      reply.raw.once('close', () => {
        open.delete(batch)
        if (!reply.raw.writableFinished) logRequest(request, reply)
      })
      reply.raw.once('finish', () => {
        // What is left of the body is not read, and a service that stops waits for its connections.
        if (!raw.complete || service.state === 'stopping') raw.socket.destroySoon()
      })
      return reply
        .type(mediaType)
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        .send(batch.stream)
    }
  )
}

function heldByNobody(): LedgerError {
  return new LedgerError('conflict', 'No identity holds what this line recorded any more.')
}
