import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import { Identity } from '../../src/domain/answer.ts'
import { longLists } from '../../src/http/long-lists.ts'
import { Values } from '../../src/http/routes/contacts.ts'
import { Body } from '../../src/http/routes/identify.ts'
import { validate } from '../../src/http/validate.ts'

/** The yardstick: the same schemas and answers of the same size, and nothing behind them. */
const app = Fastify({ serializerOpts: longLists })
  .withTypeProvider<TypeBoxTypeProvider>()
  .setValidatorCompiler(validate)

const answer = (email: string, phoneNumber: string): Identity => ({
  primaryContactId: 123_456,
  emails: [email, 'work.123456@firm.example'],
  phoneNumbers: [phoneNumber],
  secondaryContactIds: [123_457]
})

app.post(
  '/identify',
  { schema: { body: Body, response: { 200: Identity } } },
  async ({ body: { email, phoneNumber } }) => answer(email ?? '', String(phoneNumber))
)

app.get(
  '/contacts',
  { schema: { querystring: Values, response: { 200: Identity } } },
  async ({ query: { email } }) => answer(email ?? '', '10000123456')
)

/** An answer that lists so many contacts, as those of `large.ts` do; made once. */
const large = new Map<number, Identity>()
const largeOf = (contacts: number): Identity => {
  const ids = Array.from({ length: contacts }, (_, nth) => nth + 1)
  return {
    primaryContactId: 1,
    emails: ids.map((id) => `large1.${id}@home.example`),
    phoneNumbers: ids.filter((id) => id % 100 === 0).map((id) => `81${id}`),
    secondaryContactIds: ids.slice(1)
  }
}

app.get(
  '/large/:contacts',
  { schema: { params: Type.Object({ contacts: Type.Integer() }), response: { 200: Identity } } },
  async ({ params: { contacts } }) => {
    const made = large.get(contacts) ?? largeOf(contacts)
    large.set(contacts, made)
    return made
  }
)

await app.listen({ port: Number(process.env['PORT']) })
