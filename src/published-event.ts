import { type Static, Type } from '@sinclair/typebox'
import { ContactId, orNull, Position, type Recorded } from './domain/event.ts'
import type { Kind } from './domain/identifier.ts'

const ObservedData = Type.Object({
  email: orNull(Type.String()),
  phoneNumber: orNull(Type.String()),
  contact: orNull(ContactId),
  source: Type.String(),
  observedAt: Type.String(),
  idempotencyKey: Type.Optional(Type.String())
})

const MergedData = Type.Object({
  survivor: ContactId,
  absorbed: Type.Array(ContactId),
  cause: Position
})

const published = <T extends string, D extends typeof ObservedData | typeof MergedData>(
  type: T,
  data: D
) => Type.Object({ position: Position, type: Type.Literal(type), recordedAt: Type.String(), data })

/** An event as the world is told of it: values instead of numbers, times in ISO 8601. */
export const PublishedEvent = Type.Union([
  published('ContactObserved', ObservedData),
  published('ContactsMerged', MergedData)
])
export type PublishedEvent = Static<typeof PublishedEvent>

/** Tells an event to the world. */
export function publish({ position, recordedAt, event, identifiers }: Recorded): PublishedEvent {
  const at = { position, recordedAt: isoTime(recordedAt) }
  switch (event.type) {
    case 'ContactObserved': {
      const value = (kind: Kind) => identifiers.find((one) => one.kind === kind)?.value ?? null
      const { type, ...data } = event
      return {
        ...at,
        type,
        data: {
          ...data,
          email: value('email'),
          phoneNumber: value('phone'),
          observedAt: isoTime(event.observedAt)
        }
      }
    }
    case 'ContactsMerged': {
      const { type, ...data } = event
      return { ...at, type, data }
    }
  }
}

/** Milliseconds since 1970 as ISO 8601 in UTC. Throws RangeError beyond ±8.64e15. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
