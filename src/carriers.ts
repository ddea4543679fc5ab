import { type Static, Type } from '@sinclair/typebox'
import { ContactId } from './domain/event.ts'
import { IdentifierName } from './domain/identifier.ts'

/** An identifier by itself, and who carries it: of one that links nobody that is all there is to find. */
export const Carriers = Type.Object({
  identifier: IdentifierName,
  /** Whether it links: it is neither blocked nor over its sharing limit. */
  links: Type.Boolean(),
  /** With how many others live observations show it, forbidden links apart. */
  sharing: Type.Integer(),
  /** The live contacts whose rows show it, oldest first; a hundred at most. */
  contacts: Type.Array(ContactId),
  /** Whether there are more of them. */
  more: Type.Boolean()
})
export type Carriers = Static<typeof Carriers>
