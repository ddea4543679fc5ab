import { type Static, Type } from '@sinclair/typebox'
import { Position } from './domain/event.ts'
import type { Moment } from './domain/explain.ts'
import { nameOf } from './domain/identifier.ts'
import { isoTime } from './published-event.ts'
import type { Why } from './views.ts'

const PublishedMoment = Type.Object({ position: Position, time: Type.String() })

/** A proof as the world is told of it: identifiers by name, times in ISO 8601. */
export const PublishedWhy = Type.Object({
  connected: Type.Boolean(),
  from: Type.String(),
  to: Type.String(),
  chain: Type.Array(
    Type.Object({
      from: Type.String(),
      to: Type.String(),
      evidence: Type.Object({
        count: Type.Integer(),
        first: PublishedMoment,
        latest: PublishedMoment
      })
    })
  ),
  joinedBy: Type.Union([
    Type.Object({
      type: Type.Union([Type.Literal('ContactsMerged'), Type.Literal('ContactObserved')]),
      position: Position,
      time: Type.String(),
      observation: Position
    }),
    Type.Null()
  ])
})
export type PublishedWhy = Static<typeof PublishedWhy>

/** Tells a proof to the world. */
export function publishWhy({ connected, between, chain, joinedBy }: Why): PublishedWhy {
  const moment = ({ position, time }: Moment) => ({ position, time: isoTime(time) })
  return {
    connected,
    from: nameOf(between[0]),
    to: nameOf(between[1]),
    chain: chain.map(({ from, to, evidence: { count, first, latest } }) => ({
      from: nameOf(from),
      to: nameOf(to),
      evidence: { count, first: moment(first), latest: moment(latest) }
    })),
    joinedBy: joinedBy === null ? null : { ...joinedBy, time: isoTime(joinedBy.time) }
  }
}
