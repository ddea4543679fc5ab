import { components } from './components.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Marks a schema on its way through the generator, which makes copies of all that it is given. */
const mark = 'x-name'

const names = new Map<unknown, string>(
  Object.entries(components).map(([name, { schema }]) => [schema, name])
)

/** A copy of something in which each schema that has a name is marked with it. */
export function marked(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(marked)
  if (typeof given !== 'object' || given === null) return given
  const name = names.get(given)
  const shown = tupled(name === undefined ? given : (components[name]?.shown ?? given))
  const copy = Object.fromEntries(Object.entries(shown).map(([key, one]) => [key, marked(one)]))
  return name === undefined ? copy : { ...copy, [mark]: name }
}

/** A schema whose list of items, if it has one, is written as JSON Schema 2020-12 has it. */
function tupled(schema: object): object {
  if (!('items' in schema && Array.isArray(schema.items))) return schema
  const {
    items,
    additionalItems: _,
    ...rest
  } = schema as { items: unknown[]; additionalItems?: false }
  return { ...rest, prefixItems: items, items: false }
}

/** A document in which each marked schema stands once, among its components, and is referred to. */
export function named(document: object): object {
  const schemas: Record<string, Json> = {}
  const refer = (given: Json): Json => {
    if (Array.isArray(given)) return given.map(refer)
    if (typeof given !== 'object' || given === null) return given
    const { [mark]: name, ...rest } = given
    const copy = Object.fromEntries(Object.entries(rest).map(([key, one]) => [key, refer(one)]))
    if (typeof name !== 'string') return copy
    schemas[name] ??= { ...copy, examples: [components[name]?.example as Json] }
    return { $ref: `#/components/schemas/${name}` }
  }
  const whole = refer(JSON.parse(JSON.stringify(document))) as { components: object }
  return { ...whole, components: { ...whole.components, schemas } }
}
