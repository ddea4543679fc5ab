import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify from 'fastify'
import { Identity } from '../../src/domain/answer.ts'
import { Body } from '../../src/http/routes/identify.ts'
import { validate } from '../../src/http/validate.ts'

/** The yardstick: the same schemas and answers of the same size, and nothing behind them. */
const app = Fastify().withTypeProvider<TypeBoxTypeProvider>().setValidatorCompiler(validate)
app.post(
  '/identify',
  { schema: { body: Body, response: { 200: Identity } } },
  async ({ body: { email, phoneNumber } }) => ({
    primaryContactId: 123_456,
    emails: [email ?? '', 'work.123456@firm.example'],
    phoneNumbers: [String(phoneNumber)],
    secondaryContactIds: [123_457]
  })
)
await app.listen({ port: Number(process.env['PORT']) })
