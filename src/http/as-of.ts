import { Type } from '@sinclair/typebox'

/** The part of a query that asks for an answer as it was: a position, or a time. */
export const asOf = { asOf: Type.Optional(Type.String()) }
