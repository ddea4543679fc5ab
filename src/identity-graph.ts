import { type Static, Type } from '@sinclair/typebox'
import { ContactId, orNull, Position } from './domain/event.ts'
import { IdentifierName } from './domain/identifier.ts'

/** An identifier of an identity, as a node to be drawn. */
const GraphNode = Type.Object({
  identifier: IdentifierName,
  /** With how many others live observations show it, forbidden links apart. */
  sharing: Type.Integer(),
  /** Whether it links: it is neither blocked nor over its sharing limit. */
  links: Type.Boolean(),
  /** Whether the identity would come apart without it. */
  articulation: Type.Boolean(),
  /** The contacts of this identity that carry it, oldest first. */
  contacts: Type.Array(ContactId)
})

/** A link between two of the nodes, live or not. */
const GraphLink = Type.Object({
  from: IdentifierName,
  to: IdentifierName,
  /** `live`, or what keeps it from being so, the first of these that holds. */
  state: Type.Union([
    Type.Literal('live'),
    Type.Literal('forbidden'),
    Type.Literal('blocked'),
    Type.Literal('over-shared')
  ]),
  /** How many live observations carry both ends. */
  count: Type.Integer(),
  first: orNull(Position),
  latest: orNull(Position),
  /** The position of the assertion that holds, if any. */
  asserted: orNull(Position)
})

/** The evidence of an identity as a graph, for a picture to be drawn from. */
export const IdentityGraph = Type.Object({
  primaryContactId: ContactId,
  nodes: Type.Array(GraphNode),
  links: Type.Array(GraphLink)
})
export type IdentityGraph = Static<typeof IdentityGraph>
