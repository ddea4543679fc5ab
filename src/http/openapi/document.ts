import swagger from '@fastify/swagger'
import type { FastifySchema, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { marked, named } from './names.ts'
import { type Operation, operations } from './operations.ts'
import { parameters } from './parameters.ts'
import { refusalsOf } from './refusals.ts'

const info = {
  title: 'Identity ledger',
  version: '1',
  description:
    'Tells which emails and phone numbers belong to one person, and proves why. Every refusal is problem details (RFC 9457). Every answer carries `x-request-id`; a `traceparent` that is sent is returned, and kept with the events that the request causes.',
  license: { name: 'MIT', identifier: 'MIT' }
}

const traceparent = {
  type: 'string',
  description: 'W3C Trace Context; kept with the events as their correlation id.',
  examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01']
}

/**
 * Describes the routes that are registered after it as OpenAPI 3.1, by the schemas that validate and
 * serialise. A route that takes a key and has no entry among the operations is an oversight.
 */
export const openapi = fp(
  async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info,
        components: {
          securitySchemes: {
            key: { type: 'http', scheme: 'bearer', description: 'Where the service takes keys.' }
          }
        }
      },
      convertConstToEnum: false,
      transform: ({ schema, url, route }) => ({ schema: describe(schema, url, route), url }),
      transformObject: (given) => named(Object.values(given)[0])
    })
  },
  { name: 'openapi' }
)

function describe(schema: FastifySchema = {}, url: string, route: RouteOptions): FastifySchema {
  const { config = {}, method } = route
  const operation = operations[`${method} ${url}`]
  if (operation === undefined) {
    if (config.needs === undefined || config.needs === 'none') return { hide: true }
    throw new Error(`${method} ${url} is not described`)
  }
  const { id, tag, summary, description, headers, sends } = operation
  const { body = bodyOf(sends), querystring, params } = schema
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...(config.needs && config.needs !== 'none' && { security: [{ key: scopeOf(config.needs) }] }),
    ...(body !== undefined && { body: marked(body) }),
    ...(querystring !== undefined && { querystring: explained(querystring) }),
    ...(params !== undefined && { params: explained(params) }),
    headers: { type: 'object', properties: { ...headers, traceparent } },
    response: marked({
      200: answerOf(operation, schema),
      ...refusalsOf(operation, schema, config)
    })
  } as FastifySchema
}

function scopeOf(needs: string): string[] {
  return needs === 'any' ? [] : [needs]
}

function bodyOf(sends: Operation['sends']) {
  return sends && { content: mediaOf(sends) }
}

/** A body or an answer in text, by media type, each with an example. */
function mediaOf(texts: Readonly<Record<string, string>>) {
  const entries = Object.entries(texts).map(([type, example]) => [
    type,
    { schema: { type: 'string', examples: [example] } }
  ])
  return Object.fromEntries(entries)
}

function answerOf({ answers = {} }: Operation, { response }: FastifySchema) {
  const json = (response as Record<number, object> | undefined)?.[200]
  const content = {
    ...(json && { 'application/json': { schema: json } }),
    ...mediaOf(answers)
  }
  return {
    description: 'The answer.',
    headers: { 'x-request-id': { type: 'string', description: 'The id of the request.' } },
    content: Object.keys(content).length > 0 ? content : { 'application/json': { schema: {} } }
  }
}

/** Parameters with what they mean and an example; those that have a default may be left out. */
function explained(schema: unknown): object {
  const { properties, required = [] } = schema as Parameters
  const entries = Object.entries(properties).map(([name, one]) => {
    const { description, example } = parameters[name] ?? {}
    return [name, { ...(description && { description }), ...one, examples: [example] }]
  })
  return {
    type: 'object',
    required: required.filter((name) => !('default' in (properties[name] ?? {}))),
    properties: Object.fromEntries(entries)
  }
}

type Parameters = { properties: Record<string, object>; required?: string[] }
