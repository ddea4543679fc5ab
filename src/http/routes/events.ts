import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { Position } from '../../domain/event.ts'
import { PublishedEvent, publish } from '../../published-event.ts'
import type { Service } from '../service.ts'

const Page = Type.Object({
  after: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'a position, or 0 for the start'
  }),
  limit: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 1_000,
    description: 'a number from 1 to 1000'
  })
})

/** `GET /events`: the log in order, a page at a time; `next` is the `after` of the next page. */
export const events: FastifyPluginAsyncTypebox<{ service: Service }> = async (app, { service }) => {
  app.get(
    '/events',
    {
      schema: {
        querystring: Page,
        response: {
          200: Type.Object({
            events: Type.Array(PublishedEvent),
            next: Type.Union([Position, Type.Null()])
          })
        }
      }
    },
    async ({ query: { after, limit } }) => {
      const page = (await service.ledger().events(after, limit + 1)).map(publish)
      const more = page.length > limit
      const events = more ? page.slice(0, limit) : page
      return { events, next: more ? after + limit : null }
    }
  )
}
