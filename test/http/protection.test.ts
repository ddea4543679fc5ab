import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import pino from 'pino'
import t, { type Test } from 'tap'
import { buildApp } from '../../src/http/app.ts'
import type { Limits } from '../../src/http/limits.ts'
import { bearing, keyFile } from '../support/keys.ts'
import { openedLedger } from '../support/ledger.ts'
import { refused, serve } from '../support/service.ts'

/** The port of an API with other limits than the usual ones. */
async function limited(t: Test, limits: Partial<Limits>): Promise<number> {
  const { ledger } = await openedLedger(t)
  const service = { state: 'ready' as const, ledger: () => ledger, canonicalPhone: String }
  const app = await buildApp({ service, logger: pino({ level: 'silent' }), limits })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return (app.server.address() as AddressInfo).port
}

/** A connection that stays open, and all that comes back until the service closes it. */
function connection(t: Test, port: number) {
  const socket = connect({ port, host: '127.0.0.1' })
  let told = ''
  socket.setEncoding('utf8').on('data', (text) => {
    told += text
  })
  socket.on('error', () => {})
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(told)))
  t.teardown(() => socket.destroy())
  return {
    closed,
    write: (text: string) => void (socket.writable && socket.write(text)),
    /** Waits for so many answers. */
    async answers(number: number) {
      while (told.split('HTTP/1.1 ').length - 1 < number) await pause(5)
      return told
    }
  }
}

const live = 'GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n'

t.test('patience may be any number of milliseconds', async (t) => {
  const made = connection(t, await limited(t, { patience: 501 }))
  made.write(live)
  t.match(await made.answers(1), /^HTTP\/1.1 200 /)
})

t.test(
  'clients that send their requests drop by drop are cut off, and hold up nobody',
  async (t) => {
    const port = await limited(t, { patience: 500 })
    const begun = [
      '',
      'G',
      'GET /health/live HTTP/1.1\r\nhost: a\r\n',
      'POST /identify HTTP/1.1\r\n'
    ]
    const body = 'POST /identify HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n'
    begun.push(`${body}content-length: 1000\r\n\r\n{`, `${body}transfer-encoding: chunked\r\n\r\n`)
    const slow = begun.flatMap((start) =>
      Array.from({ length: 20 }, () => {
        const made = connection(t, port)
        made.write(start)
        return { ...made, start }
      })
    )
    const dripping = setInterval(() => {
      for (const { start, write } of slow) {
        if (start.endsWith('{')) write(' ')
        else if (start.endsWith('\r\n\r\n')) write('1\r\n \r\n')
        else if (start.endsWith('\r\n')) write('x: y\r\n')
      }
    }, 50)
    t.teardown(() => clearInterval(dripping))
    t.equal((await fetch(`http://127.0.0.1:${port}/health/ready`)).status, 200, 'others are served')
    for (const { start, closed } of slow) {
      const told = await closed
      if (start === '') t.ok(['', '408'].includes(told.slice(9, 12)), 'one that says nothing')
      else t.match(told, /^HTTP\/1\.1 408 .*problem\+json/s, JSON.stringify(start))
    }
  }
)

t.test('a connection that rests is closed, and so is one that never does', async (t) => {
  const port = await limited(t, { idle: 200, requestsPerConnection: 3 })
  const resting = connection(t, port)
  resting.write(live)
  t.match(await resting.closed, /^HTTP\/1\.1 200 .*keep-alive/s, 'it was kept for a while')
  const busy = connection(t, port)
  for (const nth of [1, 2, 3]) {
    busy.write(live)
    await busy.answers(nth)
  }
  const [, , second, third] = (await busy.closed).split('HTTP/1.1 ')
  t.match(second, /^200.*\r\nconnection: keep-alive/is)
  t.match(third, /^200.*\r\nconnection: close/is, 'the last answer says so')
})

t.test('there is a limit to headers, bodies and connections', async (t) => {
  const port = await limited(t, { headers: 2_000, body: 300, connections: 3 })
  const [one, other] = [connection(t, port), connection(t, port)]
  one.write(`GET /health/live HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(3_000)}\r\n\r\n`)
  t.match(await one.closed, /^HTTP\/1\.1 431 .*problem\+json/s)
  other.write(`GET /${'y'.repeat(3_000)} HTTP/1.1\r\nhost: a\r\n\r\n`)
  t.match(await other.closed, /^HTTP\/1\.1 431 .*problem\+json/s)
  const large = await fetch(`http://127.0.0.1:${port}/identify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ email: 'doc@lab.example', padding: '.'.repeat(400) })
  })
  t.equal(large.status, 413)
  t.match(large.headers.get('content-type'), /problem\+json/)

  const open = Array.from({ length: 3 }, () => connection(t, port))
  for (const { write, answers } of open) {
    write(live)
    await answers(1)
  }
  t.equal(await connection(t, port).closed, '', 'one too many is closed at once')
  for (const { write, answers } of open) {
    write(live)
    t.match(await answers(2), /200.*200/s, 'those that are open are served')
  }
})

t.test('who asks too often is asked to come back later, each by itself', async (t) => {
  const file = keyFile(t)
  const [shop, till] = [await file.add('shop', 'read'), await file.add('till', 'read')]
  const ledger = await serve(t, undefined, { apiKeysFile: file.path, rateLimit: 3 })
  const ask = (token?: string, path = '/stats') =>
    ledger.send({ path, headers: token === undefined ? {} : bearing(token) })
  for (const left of ['2', '1', '0']) {
    t.match(await ask(shop), { status: 200, headers: { 'x-ratelimit-remaining': left } })
  }
  const late = await ask(shop)
  refused(t, late, 429, 'the fourth')
  const wait = Number(late.headers['retry-after'])
  t.ok(wait > 0 && wait <= 60, 'it says when to come back')
  refused(t, await ask(shop, '/contacts/1'), 429, 'whatever it asks')
  t.equal((await ask(till)).status, 200, 'another key has its own count')
  for (const path of ['/stats', '/nowhere', '/events']) {
    refused(t, await ask(undefined, path), path === '/nowhere' ? 404 : 401, path)
  }
  refused(t, await ask(undefined), 429, 'those without a key are counted by their address')
  refused(t, await ask(`${shop.slice(0, -2)}xx`), 429, 'who guesses at keys among them')
  refused(t, await ask(undefined, '/nowhere'), 429, 'wherever they look')
  t.equal((await ask(undefined, '/health/live')).status, 200, 'health may always be asked')
})

t.test('nobody is limited unless it is asked for', async (t) => {
  const ledger = await serve(t)
  const answers = await Promise.all(Array.from({ length: 50 }, () => ledger.get('/stats')))
  t.ok(answers.every(({ status }) => status === 200))
  t.notOk(answers.some(({ headers }) => 'x-ratelimit-limit' in headers))
})

t.test('an answer is not sniffed at, and what is told of people is not kept', async (t) => {
  const ledger = await serve(t)
  await ledger.identify('doc@lab.example')
  for (const path of ['/contacts/1', '/events', '/contacts/2', '/nowhere', '/health/live']) {
    const { headers } = await ledger.get(path)
    t.match(headers, { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }, path)
  }
})
