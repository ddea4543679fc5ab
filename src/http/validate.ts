import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { ValueErrorType } from '@sinclair/typebox/errors'
import type { FastifySchemaCompiler } from 'fastify'
import { LedgerError, type Problem } from '../domain/errors.ts'

/**
 * Validates requests by their TypeBox schemas. What comes in a URL is text and is read as the
 * schema's type; a body must have its types already. All that is wrong is told at once.
 */
export const validate: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const problemsOf = schema['anyOf'] === undefined ? checkOf(schema) : checkByType(schema)
  const part = httpPart === 'body' ? 'body' : 'query'
  const outcomeOf = (value: unknown) => {
    const problems = problemsOf(value)
    if (problems.length === 0) return { value }
    return { error: new LedgerError('invalid', `The ${part} is not acceptable.`, problems) }
  }
  if (httpPart === 'body') return outcomeOf
  const fromText = readerOf(schema)
  const read = (given: unknown) => outcomeOf(fromText(given))
  // Most requests have no query: what they come to need not be worked out each time.
  const unasked = read({})
  const known = 'value' in unasked
  return (given: unknown) => (known && isEmpty(given) ? unasked : read(given))
}

/** Tells what is wrong with a value; nothing when it is as the schema says. */
export type Check = (value: unknown) => readonly Problem[]

/** The check of a schema. */
export function checkOf(schema: TSchema): Check {
  const check = TypeCompiler.Compile(schema)
  return (value) => {
    if (check.Check(value)) return []
    const problems = new Map<string, Problem>()
    for (const { type, path, schema, value: found } of check.Errors(value)) {
      const wrong = found === undefined ? 'is required' : `must be ${expected(schema)}`
      const unknown = type === ValueErrorType.ObjectAdditionalProperties
      const problem = unknown ? unknownAt(path) : { path, message: wrong }
      if (!problems.has(problem.path)) problems.set(problem.path, problem)
    }
    return [...problems.values()]
  }
}

/** A member that is not known, by its name where that is a plain word: it may be anybody's email. */
function unknownAt(path: string): Problem {
  if (/\/[A-Za-z_-]+$/.test(path)) return { path, message: 'is not expected here' }
  return { path: path.replace(/\/[^/]*$/, ''), message: 'has a member that is not expected here' }
}

/** Checks by the one schema of several that the `type` of a value names. */
export function checkByType({ anyOf: schemas }: TSchema): Check {
  const checks = new Map<unknown, Check>(
    schemas.map((one: TSchema) => [one['properties'].type.const, checkOf(one)])
  )
  const names = [...checks.keys()].join(', ')
  return (value) => {
    if (value === undefined) return [{ path: '', message: 'is required' }]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return [{ path: '', message: 'must be a JSON object' }]
    }
    const type = 'type' in value ? value.type : undefined
    const message = type === undefined ? 'is required' : `must be one of ${names}`
    return checks.get(type)?.(value) ?? [{ path: '/type', message }]
  }
}

/**
 * Reads what a URL gives as text by a flat schema: whole numbers and booleans where the schema has
 * them, written plainly, and its defaults where nothing is given.
 */
function readerOf(schema: TSchema): (given: unknown) => unknown {
  const properties: Readonly<Record<string, TSchema>> = schema['properties'] ?? {}
  const defaults = Object.entries(properties).flatMap(([name, one]): [string, unknown][] =>
    one.default === undefined ? [] : [[name, one.default]]
  )
  const read = (name: string, text: unknown) => {
    const type = properties[name]?.['type']
    if (type === 'integer' && /^\d{1,16}$/.test(String(text))) return Number(text)
    if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
    return text
  }
  return (given) => {
    const value: Record<string, unknown> = Object.create(null)
    for (const [name, unset] of defaults) value[name] = unset
    for (const [name, text] of Object.entries(given ?? {})) value[name] = read(name, text)
    return value
  }
}

function isEmpty(given: unknown): boolean {
  return Object.keys(given ?? {}).length === 0
}

/** A schema in words: its own, else its value, else its type. */
function expected(schema: TSchema): string {
  if (typeof schema.description === 'string') return schema.description
  if (Array.isArray(schema['anyOf'])) return schema['anyOf'].map(expected).join(' or ')
  if (schema['const'] !== undefined) return JSON.stringify(schema['const'])
  return schema['type'] === 'object' ? 'a JSON object' : String(schema['type'])
}
