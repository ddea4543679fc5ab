import { once } from 'node:events'
import { METHODS } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { holds } from '../support/holds.ts'
import { type Asked, flawOf, type Served, serve } from '../support/service.ts'

/** What a header or a path can carry on the wire: one byte a character, no control characters. */
const wire = (from: number) =>
  fc
    .array(fc.integer({ min: from, max: 0xff }).filter((code) => code !== 0x7f))
    .map((codes) => String.fromCharCode(...codes))

const anything = fc.jsonValue({ maxDepth: 3 })
const value = fc.oneof(
  anything,
  fc.emailAddress(),
  fc.constantFrom('a@b.c', 'd@e.f', ' A@b.c', '', ' ', null, '123', 123, '+12 3', -1, 1.5, 2 ** 60),
  fc.string({ unit: 'binary' }),
  fc.bigInt({ min: 0n, max: 10n ** 25n }).map(String)
)
const key = fc.oneof(
  fc.constantFrom('email', 'phoneNumber', 'phonenumber', '__proto__', 'constructor', 'toJSON', ''),
  fc.string()
)
const object = fc.dictionary(key, value, { maxKeys: 4 })

/** Objects as they come, doubled keys and `__proto__` too: `JSON.stringify` would not write them. */
const json = fc.oneof(
  fc.record({ email: value, phoneNumber: value }, { requiredKeys: [] }).map(toJson),
  object.map(toJson),
  anything.map(toJson),
  fc
    .array(fc.tuple(key, value), { maxLength: 5 })
    .map((all) => `{${all.map(([key, value]) => `${toJson(key)}:${toJson(value)}`).join()}}`),
  fc.nat({ max: 5_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.nat({ max: 3_000 }).map((depth) => `${'{"email":'.repeat(depth)}1${'}'.repeat(depth)}`),
  fc.integer({ min: 16_300, max: 17_000 }).map((size) => `{"email":"a@b.c"}`.padEnd(size))
)
/** JSON that was cut, or hit by a stray character. */
const damaged = fc.tuple(json, fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, stray]) => {
  const place = at % (text.length + 1)
  return text.slice(0, place) + stray + (at % 2 === 0 ? text.slice(place) : '')
})
const bytes = fc.uint8Array({ maxLength: 200 })
const body = fc.oneof(json, damaged, bytes)

const mediaType = fc.oneof(
  fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/plain', ''),
  fc.constantFrom('multipart/form-data', 'application/json;', 'application/json, text/plain'),
  wire(0x20)
)
const headers = fc.record(
  {
    'content-type': mediaType,
    'idempotency-key': fc.oneof(fc.constantFrom('a', 'b', ''), wire(0x20), fc.array(wire(0x20))),
    'content-encoding': fc.constantFrom('gzip', 'identity', 'x'),
    'accept-version': wire(0x21),
    accept: wire(0x20),
    'x-http-method-override': fc.constantFrom('DELETE', 'PUT'),
    'x-forwarded-host': wire(0x21),
    cookie: wire(0x20)
  },
  { requiredKeys: [] }
)

const part = fc.oneof(
  fc.constantFrom('identify', 'contacts', 'events', 'why', 'health', 'live', 'ready', '1', '0'),
  fc.constantFrom('%', '%zz', '%00', '%2f', '%ff', '..', '.', '*', ':id', '', ';', '%E0%A4%A'),
  wire(0x21)
)
const argument = fc.tuple(
  fc.constantFrom('email', 'phoneNumber', 'after', 'limit', 'from', 'to', '__proto__', 'a[b]', ''),
  fc.oneof(
    fc.constantFrom('a@b.c', '123', '+123', '1', '-1', '1e9', '', '%', '%zz', '%00', '%ff', '=&'),
    fc.constantFrom('contact:1', 'contact:9', 'email:a@b.c', 'phone:+1', 'phone:', 'x:y', ':'),
    fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed())),
    wire(0x21)
  )
)
const query = fc
  .array(argument, { maxLength: 4 })
  .map((all) => (all.length === 0 ? '' : `?${all.map((pair) => pair.join('=')).join('&')}`))
const path = fc
  .tuple(fc.array(part, { maxLength: 3 }), query)
  .map(([parts, query]) => `/${parts.join('/')}${query}`)

// Node's client can't read the answer to CONNECT, which is sent below, byte by byte. Nor can it read
// a HEAD that is no HTTP: who refuses that, before it is parsed, sends a body as to any other.
const method = fc.oneof(
  fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'),
  fc.constantFrom(...METHODS.filter((method) => method !== 'CONNECT'))
)

function toJson(value: unknown) {
  return JSON.stringify(value)
}

/** A check of one request after another: each is accepted or refused well, and no refusal is kept. */
async function wellAnswered(ledger: Served) {
  let head = await ledger.head()
  return async (asked: Asked) => {
    const answer = await ledger.send(asked)
    const flaw = answer.status === 200 ? null : flawOf(answer)
    if (flaw !== null) throw new Error(flaw)
    const before = head
    head = await ledger.head()
    const recorded = head - before
    const records = asked.method === 'POST' && answer.status === 200
    if (recorded > (records ? 2 : 0)) throw new Error(`${answer.status}, but ${recorded} recorded`)
  }
}

t.test('whatever comes is answered, or refused in problem details and not recorded', async (t) => {
  const ledger = await serve(t)
  await ledger.identify('a@b.c', '123')
  const check = await wellAnswered(ledger)
  const posted = { method: 'POST', path: '/identify' }

  await holds(t, 'any JSON', json, (body) => check({ ...posted, body }))
  await holds(t, 'any bytes', body, (body) => check({ ...posted, body }))
  await holds(
    t,
    'any headers with any body',
    fc.record({ headers, body: fc.oneof(fc.constant('{"email":"a@b.c"}'), body) }),
    ({ headers, body }) => check({ ...posted, headers, body })
  )
  await holds(t, 'any path and query', path, (path) => check({ path }))
  await holds(
    t,
    'any method with any path, headers and body',
    fc
      .record({ method, path, headers, body }, { requiredKeys: ['method', 'path'] })
      .filter(({ method, path }) => method !== 'HEAD' || /^[!-~]*$/.test(path)),
    check
  )
  t.match(await ledger.verify(), { ok: true, problems: [] }, 'and the ledger is sound')
})

/** Every status in what came over a connection. */
const statuses = (heard: string) =>
  [...heard.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))

t.test('what is not HTTP is refused, and the service goes on', async (t) => {
  const ledger = await serve(t)
  const head = 'POST /identify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
  const whole = `${head}Content-Length: 17\r\n\r\n{"email":"a@b.c"}`
  const garbage = [
    'rubbish\r\n\r\n',
    '\u0000\u0001\u0002\u0003',
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
    'GET / HTTP/9.9\r\n\r\n',
    'get / http/1.1\r\n\r\n',
    'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\nHost a\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    `${head}Content-Length: -1\r\n\r\n{}`,
    `${head}Content-Length: 17\r\nContent-Length: 18\r\n\r\n{"email":"a@b.c"}`,
    `${head}Content-Length: 17\r\nTransfer-Encoding: chunked\r\n\r\n{"email":"a@b.c"}`,
    `${head}Content-Length: 99\r\n\r\n{"email":"a@b.c"}`,
    `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\n11\r\n{"email":"a@b.c"}\r\n`
  ]
  for (const text of garbage) {
    const heard = await ledger.raw(Buffer.from(text, 'latin1'))
    t.strictSame(statuses(heard), [400], JSON.stringify(text).slice(0, 60))
    t.match(heard, /^content-type: application\/problem\+json/im, 'in problem details')
    const told = JSON.parse(heard.slice(heard.indexOf('\r\n\r\n')))
    t.match(told, { type: 'about:blank', title: 'Bad Request', status: 400, detail: String })
  }
  const long = await ledger.raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
  t.strictSame(statuses(long), [431], 'headers beyond all length')
  t.match(long, /^content-type: application\/problem\+json/im, 'in problem details')
  t.equal(await ledger.raw(''), '', 'who says nothing hears nothing')
  await ledger.raw('CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n')
  await ledger.raw(
    'GET /health/live HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'
  )
  t.equal(await ledger.head(), 0, 'nothing is recorded')
  t.strictSame(statuses(await ledger.raw(whole)), [200], 'and a good request is still answered')

  const wrong = fc.oneof(
    bytes.map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.nat({ max: whole.length - 1 }), bytes)
      .map(([at, bytes]) => Buffer.concat([Buffer.from(whole.slice(0, at)), bytes])),
    fc
      .tuple(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 0, max: 255 }))
      .map(([at, byte]) => Buffer.from(whole).fill(byte, at, at + 1))
  )
  await holds(t, 'any bytes are answered by 4xx, if not by what they ask', wrong, async (bytes) => {
    const heard = statuses(await ledger.raw(bytes))
    if (heard.some((status) => status !== 200 && (status < 400 || status > 499))) {
      throw new Error(`answered ${heard}`)
    }
    if ((await ledger.get('/health/live')).status !== 200) throw new Error('the service is gone')
  })
})

t.test('what HTTP itself refuses is told in problem details', async (t) => {
  const ledger = await serve(t)
  const asked: [string, number, string][] = [
    ['an unknown expectation', 417, 'GET /events HTTP/1.1\r\nHost: a\r\nExpect: a\r\n\r\n'],
    ['a missing host', 400, 'GET /events HTTP/1.1\r\n\r\n']
  ]
  for (const [claim, status, bytes] of asked) {
    const heard = await ledger.raw(bytes)
    t.strictSame(statuses(heard), [status], claim)
    t.match(heard, /^content-type: application\/problem\+json/im, `${claim}: in problem details`)
  }
})

t.test('who speaks no HTTP and does not hang up holds nobody up', async (t) => {
  const ledger = await serve(t)
  const socket = connect({ port: ledger.port, host: '127.0.0.1', allowHalfOpen: true })
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.write('rubbish\r\n\r\n')
  socket.resume()
  await once(socket, 'end')
  const start = Date.now()
  await ledger.stop()
  t.ok(Date.now() - start < 3_000, `the service stopped in ${Date.now() - start} ms`)
})

t.test('garbage behind whole requests does not take their answers', async (t) => {
  const service = await serve(t)
  const body = JSON.stringify({ email: 'pipelined@x' })
  const head = `POST /identify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n`
  const whole = `${head}Content-Length: ${body.length}\r\n\r\n${body}`
  const told = await service.raw(`${whole}${whole}${whole}rubbish\r\n\r\n`)
  t.strictSame(
    [...told.toString().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['200', '200', '200', '400']
  )
  t.equal(await service.head(), 3)
})
