import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { asOfPosition } from '../../as-of.ts'
import { Identity } from '../../domain/answer.ts'
import { LedgerError } from '../../domain/errors.ts'
import { normaliseValues } from '../../observation.ts'
import { ContactWithIdentity } from '../../views.ts'
import { asOf } from '../as-of.ts'
import { asTold } from '../as-told.ts'
import { ContactParams } from '../contact-params.ts'
import { gone } from '../gone.ts'
import { forgivePlus } from '../query.ts'
import type { Service } from '../service.ts'

/** What a lookup takes, before it is normalised. */
export const Values = Type.Object({
  email: Type.Optional(Type.String()),
  phoneNumber: Type.Optional(Type.String()),
  ...asOf
})

/** Looks contacts and identities up without recording anything, as they are or as they were. */
export const contacts: FastifyPluginAsyncTypebox<{ service: Service }> = async (
  app,
  { service }
) => {
  app.get(
    '/contacts/:id',
    {
      config: { needs: 'read' },
      schema: {
        params: ContactParams,
        querystring: Type.Object(asOf),
        response: { 200: ContactWithIdentity }
      }
    },
    async (request, reply) => {
      const { params, query } = request
      const ledger = service.ledger().unless(gone(request))
      const at = await asOfPosition(ledger, query.asOf, '/asOf')
      const found = await ledger.contact(params.id, at)
      if (found !== null) return asTold(reply, found)
      const then = at === undefined ? '' : ' then'
      throw new LedgerError('not_found', `There is no contact ${params.id}${then}.`)
    }
  )

  app.get(
    '/contacts',
    {
      config: { needs: 'read' },
      schema: { querystring: Values, response: { 200: Identity } }
    },
    async (request, reply) => {
      const { query } = request
      const values = normaliseValues(
        { email: query.email, phoneNumber: forgivePlus(query.phoneNumber) },
        service.canonicalPhone
      )
      const ledger = service.ledger().unless(gone(request))
      const at = await asOfPosition(ledger, query.asOf, '/asOf')
      const found = await ledger.identityOf(values, at)
      if (found !== null) return asTold(reply, found)
      const then = at === undefined ? 'carries' : 'carried'
      throw new LedgerError('not_found', `No contact ${then} these values.`)
    }
  )
}
