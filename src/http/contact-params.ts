import { Type } from '@sinclair/typebox'

/** The parameters of a path that names a contact. */
export const ContactParams = Type.Object({
  id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'a contact id' })
})
