import { Type } from '@sinclair/typebox'
import { orNull } from './domain/event.ts'
import { keyForm } from './idempotency-key.ts'
import { longestSource } from './observation.ts'

const text = (maxLength: number) =>
  Type.Optional(
    orNull(Type.String({ maxLength, description: `a string of at most ${maxLength} characters` }))
  )

/**
 * What a caller may tell beside the values that were seen, of an origin only one in this process. It
 * goes on record as it was given, and once it is there nothing can mend it.
 */
export const ToldBeside = Type.Object({
  idempotencyKey: Type.Optional(
    orNull(Type.String({ pattern: keyForm.pattern, description: keyForm.words }))
  ),
  source: text(longestSource),
  requestId: text(255),
  correlationId: text(255)
})
