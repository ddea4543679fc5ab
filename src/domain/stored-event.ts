import type { TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { LedgerError } from './errors.ts'
import { LedgerEvent, type Position } from './event.ts'

/** The version that this program writes of every event type. */
export const eventVersion = 1

const checks = new Map<string, TypeCheck<TSchema>>(
  LedgerEvent.anyOf.map((schema) => [schema.properties.type.const, TypeCompiler.Compile(schema)])
)

/**
 * Reads an event back from its stored parts.
 * Throws `corrupt_log` when the type or version is unknown or the data is not what the type says.
 */
export function parseEvent(
  position: Position,
  type: string,
  version: number,
  data: string
): LedgerEvent {
  const check = checks.get(type)
  if (check === undefined || version !== eventVersion) {
    throw corrupt(position, `is a ${type} of version ${version}, which this program does not know`)
  }
  const event = { type, ...parseObject(data) }
  if (!check.Check(event)) throw corrupt(position, `is not a valid ${type}`)
  return event as LedgerEvent
}

function parseObject(data: string): object {
  try {
    return JSON.parse(data)
  } catch {
    return {}
  }
}

function corrupt(position: Position, what: string) {
  return new LedgerError('corrupt_log', `The event at position ${position} ${what}.`)
}
