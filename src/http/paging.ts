import { Type } from '@sinclair/typebox'

/** Which part of a list of events is asked for: so many after a position. */
export const paging = {
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
}

/** The same for callers in this process, who may leave either out. */
export const Paging = Type.Partial(Type.Object(paging))
