import { type Static, Type } from '@sinclair/typebox'
import { isoTime, orNull, Position } from './domain/event.ts'
import type { Moment, Step } from './domain/explain.ts'
import { nameOf } from './domain/identifier.ts'
import type { HinderedStep, JoiningStep, Why } from './why.ts'

const moment = { position: Position, time: Type.String() }
const PublishedMoment = Type.Object(moment)
const event = { type: Type.String(), ...moment }
const said = { actor: Type.String(), reason: Type.String() }

const link = { from: Type.String(), to: Type.String() }
const evident = {
  evidence: Type.Object({
    count: Type.Integer(),
    first: PublishedMoment,
    latest: PublishedMoment
  }),
  asserted: orNull(PublishedMoment)
}

const Hindrance = Type.Object({
  type: Type.Union([
    Type.Literal('forbidden'),
    Type.Literal('blocked'),
    Type.Literal('over-shared')
  ]),
  on: Type.Array(Type.String()),
  decision: Type.Object({ ...event, ...said })
})

/** A proof as the world is told of it: identifiers by name, times in ISO 8601. */
export const PublishedWhy = Type.Object({
  connected: Type.Boolean(),
  from: Type.String(),
  to: Type.String(),
  /** The shortest chain of live evidence. */
  chain: Type.Array(Type.Object({ ...link, ...evident })),
  /** What joined them: `observation` is the position of the event that caused it. */
  joinedBy: orNull(Type.Object({ ...event, observation: Position })),
  /** The links along which they were joined, in the order in which they came about. */
  how: orNull(
    Type.Array(Type.Object({ ...link, since: Type.Object(event), merge: orNull(Position) }))
  ),
  strength: orNull(
    Type.Object({ independentChains: Type.Integer(), weakPoints: Type.Array(Type.String()) })
  ),
  /** What parted them, if they were connected once. */
  parted: orNull(
    Type.Object({ ...event, actor: orNull(Type.String()), reason: orNull(Type.String()) })
  ),
  /** The shortest chain that would connect them, with what keeps it from doing so. */
  but: orNull(Type.Array(Type.Object({ ...link, ...evident, hindrances: Type.Array(Hindrance) }))),
  /** Which of these are null only because there is too much to be searched. */
  unsearched: Type.Array(Type.String())
})
export type PublishedWhy = Static<typeof PublishedWhy>

/** Tells a proof to the world. */
export function publishWhy(why: Why): PublishedWhy {
  const { connected, between, chain, joinedBy, how, strength, parted, but, unsearched } = why
  return {
    connected,
    from: nameOf(between[0]),
    to: nameOf(between[1]),
    chain: chain.map(publishStep),
    joinedBy: joinedBy && at(joinedBy),
    how: how?.map(publishJoining) ?? null,
    strength: strength && { ...strength, weakPoints: strength.weakPoints.map(nameOf) },
    parted: parted && at(parted),
    but: but?.map(publishHindered) ?? null,
    unsearched: [...unsearched]
  }
}

function publishStep({ from, to, evidence: { count, first, latest }, asserted }: Step) {
  return {
    from: nameOf(from),
    to: nameOf(to),
    evidence: { count, first: at(first), latest: at(latest) },
    asserted: asserted && at(asserted)
  }
}

function publishJoining({ from, to, since, merge }: JoiningStep) {
  return { from: nameOf(from), to: nameOf(to), since: at(since), merge }
}

function publishHindered(step: HinderedStep) {
  return {
    ...publishStep(step),
    hindrances: step.hindrances.map(({ type, on, decision }) => ({
      type,
      on: on.map(nameOf),
      decision: at(decision)
    }))
  }
}

/** The same with its time in ISO 8601. */
function at<M extends Moment>(moment: M): Omit<M, 'time'> & { time: string } {
  return { ...moment, time: isoTime(moment.time) }
}
