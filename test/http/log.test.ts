import { Writable } from 'node:stream'
import pino from 'pino'
import t from 'tap'
import { serve } from '../support/service.ts'

const email = 'lorraine.baines@hillvalley.edu'
const phone = '5550198273'

/** A logger that keeps every line, and the lines that it kept. */
function listening(level: pino.Level) {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    }
  })
  return { logger: pino({ level }, stream), lines }
}

t.test('a request is one line in the log, by its route', async (t) => {
  const { logger, lines } = listening('info')
  const ledger = await serve(t, logger)
  lines.length = 0
  await ledger.identify(email, phone)
  await ledger.get(`/contacts?email=${email}`)
  await ledger.get('/contacts/1')
  await ledger.post({ email: 'none' })
  await ledger.send({ method: 'DELETE', path: '/events' })
  await ledger.get(`/${email}`)
  t.match(
    lines.map((line) => JSON.parse(line)),
    [
      { method: 'POST', route: '/identify', status: 200, ms: Number, level: 30 },
      { method: 'GET', route: '/contacts', status: 200 },
      { method: 'GET', route: '/contacts/:id', status: 200 },
      { method: 'POST', route: '/identify', status: 400 },
      { method: 'DELETE', route: '/events', status: 405 },
      { method: 'GET', route: null, status: 404 }
    ]
  )
  t.equal(lines.length, 6)
})

for (const level of ['info', 'trace'] as const) {
  t.test(`no email and no phone reaches a log of level ${level}`, async (t) => {
    const { logger, lines } = listening(level)
    const ledger = await serve(t, logger)
    const query = `email=${email}&phoneNumber=${phone}`
    const both = JSON.stringify({ email, phoneNumber: phone })
    const key = { 'idempotency-key': `${email}:${phone}` }
    await ledger.post({ email, phoneNumber: phone }, key)
    await ledger.post({ email, phoneNumber: `${phone}1` }, key)
    await ledger.post({ email: `${email}@`, phoneNumber: `${phone}x` })
    await ledger.post({ email: [email], phoneNumber: { phone } })
    await ledger.post(`${both}}`)
    await ledger.post(both, { 'content-type': email })
    await ledger.post(Buffer.concat([Buffer.from(both), Buffer.from([0xff])]))
    await ledger.post(both.padEnd(20_000))
    for (const path of ['/contacts', '/events', '/why', '/identify', '/nowhere', '/health/live']) {
      await ledger.get(`${path}?${query}`)
      await ledger.get(`${path}/${email}/${phone}`)
      await ledger.get(`${path}/${email}%zz?${query}`)
      await ledger.send({ method: 'PUT', path: `${path}?${query}`, body: both })
    }
    await ledger.get(`/contacts/${phone}`)
    await ledger.get(`/why?from=email:${email}&to=phone:${phone}`)
    await ledger.get(`/why?from=email:x${email}&to=phone:${phone}9`)
    await ledger.get(`/why?from=${email}&to=${phone}`)
    await ledger.send({ path: '/events', headers: { 'user-agent': email, referer: `/${query}` } })
    await ledger.raw(`GET /contacts?${query} HTTP/9.9\r\n\r\n`)
    await ledger.raw(`POST /identify HTTP/1.1\r\nhost: a\r\nContent-Length: x\r\n\r\n${both}`)
    await ledger.raw(`POST /identify HTTP/1.1\r\nhost: a\r\nContent-Length: 999\r\n\r\n${both}`)
    await ledger.raw(both)

    t.ok(lines.length > 30, 'there is something in the log')
    const log = lines.join('')
    for (const value of [email, phone, 'lorraine', encodeURIComponent(email)]) {
      // A buffer that is logged shows as numbers.
      for (const shown of [value, [...Buffer.from(value)].join()]) {
        const told = lines.find((line) => line.includes(shown))
        t.notOk(log.includes(shown), `${shown.slice(0, 40)} in ${told?.slice(0, 300)}`)
      }
    }
  })
}
