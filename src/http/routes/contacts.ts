import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { Identity } from '../../domain/answer.ts'
import { LedgerError } from '../../domain/errors.ts'
import { normaliseValues } from '../../observation.ts'
import { ContactWithIdentity } from '../../views.ts'
import { forgivePlus } from '../query.ts'
import type { Service } from '../service.ts'

const Id = Type.Object({
  id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'a contact id' })
})

const Values = Type.Object({
  email: Type.Optional(Type.String()),
  phoneNumber: Type.Optional(Type.String())
})

/** Looks contacts and identities up without recording anything. */
export const contacts: FastifyPluginAsyncTypebox<{ service: Service }> = async (
  app,
  { service }
) => {
  app.get(
    '/contacts/:id',
    {
      schema: {
        params: Id,
        response: { 200: ContactWithIdentity }
      }
    },
    async ({ params: { id } }) => {
      const found = await service.ledger().contact(id)
      if (found !== null) return found
      throw new LedgerError('not_found', `There is no contact ${id}.`)
    }
  )

  app.get(
    '/contacts',
    { schema: { querystring: Values, response: { 200: Identity } } },
    async ({ query }) => {
      const { email, phoneNumber } = normaliseValues(
        { email: query.email, phoneNumber: forgivePlus(query.phoneNumber) },
        service.canonicalPhone
      )
      const ledger = service.ledger()
      const [byEmail, byPhone] = await Promise.all([
        email === null ? null : ledger.identityOf({ kind: 'email', value: email }),
        phoneNumber === null ? null : ledger.identityOf({ kind: 'phone', value: phoneNumber })
      ])
      return theOne(byEmail, byPhone)
    }
  )
}

/** The identity that was found; two different ones are no answer, and no reason to merge them. */
function theOne(byEmail: Identity | null, byPhone: Identity | null): Identity {
  const found = byEmail ?? byPhone
  if (found === null) throw new LedgerError('not_found', 'No contact carries these values.')
  if (byPhone === null || byPhone.primaryContactId === found.primaryContactId) return found
  throw new LedgerError(
    'conflict',
    `The email belongs to contact ${found.primaryContactId}, the phone number to contact ${byPhone.primaryContactId}; nothing has shown yet that they are one person.`
  )
}
