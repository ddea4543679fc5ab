import { isUtf8 } from 'node:buffer'
import { errorCodes } from 'fastify'
import fp from 'fastify-plugin'
import { LedgerError } from '../../domain/errors.ts'

/**
 * Reads bodies as JSON in UTF-8 and nothing else. Bytes that are no UTF-8 are refused, not replaced:
 * two different names must not become one. Keys that would reach an object's prototype are dropped,
 * like every unknown key.
 */
export const bodies = fp(
  async (app) => {
    const parseJson = app.getDefaultJsonParser('remove', 'remove')
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
      const { 'content-type': type, 'content-encoding': encoding } = request.headers
      if (encoding !== undefined || /charset=(?!"?utf-8\b)/i.test(type ?? '')) {
        return done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(type))
      }
      const bytes = body as Buffer
      if (isUtf8(bytes)) return parseJson(request, bytes.toString(), done)
      done(new LedgerError('invalid', 'The body is not valid UTF-8.'))
    })
  },
  { name: 'bodies' }
)
