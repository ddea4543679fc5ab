import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LedgerError } from '../../domain/errors.ts'
import { LedgerEvent, type Position } from '../../domain/event.ts'
import type { EventFilter } from '../../event-filter.ts'
import { EventPage, publish } from '../../published-event.ts'
import { prefers } from '../accept.ts'
import { eventPage } from '../event-page.ts'
import { eventStream } from '../event-stream.ts'
import { openStreams } from '../open-streams.ts'
import { paging } from '../paging.ts'
import { logRequest } from '../plugins/request-log.ts'
import type { Service } from '../service.ts'

const oneType = LedgerEvent.anyOf.map(({ properties }) => properties.type.const).join('|')
const someTypes = Type.String({ pattern: `^(${oneType})(,(${oneType}))*$` })

const Asked = Type.Object({
  ...paging,
  type: Type.Optional(
    Type.Union([someTypes, Type.Array(someTypes)], {
      description: `one or more of these, comma-separated: ${oneType.replaceAll('|', ', ')}`
    })
  ),
  contact: Type.Optional(
    Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'a contact id' })
  )
})

export type EventsOptions = {
  readonly service: Service
  /** After how much silence a stream shows that it lives, in ms. */
  readonly heartbeat: number
}

/**
 * `GET /events`: the log in order. As JSON a page at a time, where `next` is the `after` of the next
 * page; as Server-Sent Events all of it, and then what is yet to come.
 */
export const events: FastifyPluginAsyncTypebox<EventsOptions> = async (
  app,
  { service, heartbeat }
) => {
  const open = openStreams(app)

  async function stream(
    request: FastifyRequest,
    reply: FastifyReply,
    from: Position | 0,
    filter: EventFilter
  ): Promise<FastifyReply> {
    const after = lastEventId(request.headers['last-event-id']) ?? from
    const ledger = service.ledger()
    const signal = open(request)
    const { head } = await ledger.status()
    if (after > head) {
      // It has seen what this log lost, and would miss what came in its place.
      throw new LedgerError('conflict', `There is no event ${after} yet; the last one is ${head}.`)
    }
    const stream = eventStream(ledger.follow(after, signal), { after, filter, heartbeat })
    stream.once('error', (err) => {
      request.log.error({ err, route: request.routeOptions.url }, 'a stream failed')
    })
    // Most streams end with their client, which Fastify takes for no answer.
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) logRequest(request, reply)
    })
    signal.addEventListener('abort', () => {
      // What a reader does not take must not hold up the end.
      if (reply.raw.writableLength > 0) stream.destroy()
    })
    return reply
      .type('text/event-stream')
      .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no', connection: 'close' })
      .send(stream)
  }

  app.get(
    '/events',
    {
      config: { needs: 'read' },
      schema: {
        querystring: Asked,
        response: {
          200: EventPage
        }
      }
    },
    async (request, reply) => {
      const { after, limit, type, contact = null } = request.query
      const types = type === undefined ? null : [type].flat().flatMap((some) => some.split(','))
      const filter = { types, contact }
      reply.header('vary', 'accept')
      if (prefers(request.headers.accept, 'text/event-stream', 'application/json')) {
        return stream(request, reply, after, filter)
      }
      const { found, next } = await eventPage(service.ledger(), after, limit, filter)
      return { events: found.map(publish), next }
    }
  )
}

function lastEventId(header: string | string[] | undefined): Position | 0 | null {
  if (header === undefined) return null
  const position = /^\d{1,16}$/.test(String(header)) ? Number(header) : Number.NaN
  if (Number.isSafeInteger(position)) return position
  throw new LedgerError('invalid', 'The Last-Event-ID is not acceptable.', [
    { path: '/headers/last-event-id', message: 'must be a position, or 0 for the start' }
  ])
}
