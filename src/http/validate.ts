import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { Value } from '@sinclair/typebox/value'
import type { FastifySchemaCompiler } from 'fastify'
import { LedgerError, type Problem } from '../domain/errors.ts'

/**
 * Validates requests by their TypeBox schemas. What comes in a URL is text and is read as the
 * schema's type; a body must have its types already. All that is wrong is told at once.
 */
export const validate: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = TypeCompiler.Compile(schema)
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : Value.Default(schema, fromText(schema, given))
    if (check.Check(value)) return { value }
    const problems = new Map<string, Problem>()
    for (const { path, schema, value: found } of check.Errors(value)) {
      const message = found === undefined ? 'is required' : `must be ${expected(schema)}`
      if (!problems.has(path)) problems.set(path, { path, message })
    }
    const part = httpPart === 'body' ? 'body' : 'query'
    return {
      error: new LedgerError('invalid', `The ${part} is not acceptable.`, [...problems.values()])
    }
  }
}

/** What a URL gives as text, with whole numbers where the schema has them, written plainly. */
function fromText(schema: TSchema, given: unknown): unknown {
  const read = ([name, text]: [string, unknown]) => {
    const wholeNumber = schema['properties']?.[name]?.type === 'integer'
    return [name, wholeNumber && /^\d{1,16}$/.test(String(text)) ? Number(text) : text]
  }
  return Object.fromEntries(Object.entries(given ?? {}).map(read))
}

/** A schema in words: its own, else its type. */
function expected(schema: TSchema): string {
  if (typeof schema.description === 'string') return schema.description
  if (Array.isArray(schema['anyOf'])) return schema['anyOf'].map(expected).join(' or ')
  return schema['type'] === 'object' ? 'a JSON object' : String(schema['type'])
}
