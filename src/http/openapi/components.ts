import { type TSchema, Type } from '@sinclair/typebox'
import { Carriers } from '../../carriers.ts'
import { DecisionBody } from '../../decision-body.ts'
import { Identity } from '../../domain/answer.ts'
import { IdentityGraph } from '../../identity-graph.ts'
import { PublishedDecision } from '../../published-decision.ts'
import { EventPage, PublishedEvent } from '../../published-event.ts'
import { PublishedWhy } from '../../published-why.ts'
import { Stats } from '../../stats.ts'
import { ContactRow, ContactWithIdentity } from '../../views.ts'
import { BatchLine } from '../batch-line.ts'
import { ProblemDetails } from '../problem.ts'
import { Live, Ready } from '../routes/health.ts'
import { Body } from '../routes/identify.ts'
import * as example from './examples.ts'

/** A schema that the document names, with an example that holds by it. */
export type Component = {
  readonly schema: TSchema
  readonly example: unknown
  /** What the document shows in its place. */
  readonly shown?: TSchema
}

/** A decision as it may be sent to a service that takes keys: the actor follows from the key. */
const unsigned = Type.Union(
  DecisionBody.anyOf.map((one) => ({
    ...one,
    required: one.required?.filter((name) => name !== 'actor') ?? []
  }))
)

/** The schemas that have a name in the document, the same that validate and serialise. */
export const components: Readonly<Record<string, Component>> = {
  Identity: { schema: Identity, example: example.identity },
  Observation: { schema: Body, example: example.observation },
  BatchLine: { schema: BatchLine, example: example.batchLine },
  Contact: { schema: ContactRow, example: example.contact },
  ContactWithIdentity: {
    schema: ContactWithIdentity,
    example: { contact: example.contact, identity: example.identity }
  },
  Decision: { schema: DecisionBody, example: example.decision, shown: unsigned },
  DecisionMade: { schema: PublishedDecision, example: example.decisionMade },
  Event: { schema: PublishedEvent, example: example.event },
  EventPage: { schema: EventPage, example: { events: [example.event], next: 3 } },
  Why: { schema: PublishedWhy, example: example.why },
  Carriers: { schema: Carriers, example: example.carriers },
  Graph: { schema: IdentityGraph, example: example.graph },
  Stats: { schema: Stats, example: example.stats },
  Live: { schema: Live, example: { status: 'ready' } },
  Ready: { schema: Ready, example: { status: 'ready', head: 4, readModel: 4 } },
  Problem: { schema: ProblemDetails, example: example.problem }
}
