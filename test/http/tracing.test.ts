import pino from 'pino'
import t from 'tap'
import type { Origin } from '../../src/domain/event.ts'
import { exportedLine } from '../../src/exported-event.ts'
import { memoryLog } from '../../src/log/memory.ts'
import { restore } from '../../src/restore.ts'
import { openedLedger } from '../support/ledger.ts'
import { serve } from '../support/service.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

t.test('a line of a shop’s log leads to the event, and so does one of ours', async (t) => {
  const lines: string[] = []
  const logger = pino({}, { write: (line) => void lines.push(line) })
  const ledger = await serve(t, logger)
  const seen = await ledger.post({ email: 'doc@lab.example' }, { traceparent })
  t.equal(seen.headers['traceparent'], traceparent, 'what was sent is returned')
  const decided = await ledger.send({
    method: 'POST',
    path: '/decisions',
    headers: { traceparent },
    body: JSON.stringify({
      type: 'IdentifierBlocked',
      identifier: 'email:doc@lab.example',
      actor: 'ann',
      reason: 'a test'
    })
  })
  const batch = await ledger.send({
    method: 'POST',
    path: '/identify/batch',
    headers: { 'content-type': 'application/x-ndjson', traceparent },
    body: '{"email":"marty@lab.example"}\n{"email":"biff@lab.example"}\n'
  })
  const of = (id: string | string[] | undefined) => ({ requestId: id, correlationId: traceparent })
  const id = 'x-request-id'
  const origins = [seen, decided, batch, batch].map(({ headers }) => of(headers[id]))
  t.match(
    (await ledger.events()).map(({ data }) => data),
    origins,
    'each event names the request that it came with'
  )
  t.equal(new Set(origins.map(({ requestId }) => requestId)).size, 3, 'every request is another')
  for (const { requestId, correlationId } of origins) {
    const told = lines.map((line) => JSON.parse(line)).filter(({ reqId }) => reqId === requestId)
    t.match(told, [{ correlationId, msg: 'request' }], 'and one line of the log names both')
  }
  const history = await ledger.get('/contacts/1/history')
  t.match(history.body, { events: [{ data: origins[0] }, { data: origins[1] }] })
})

t.test('what is no traceparent is as if it had not been sent', async (t) => {
  const ledger = await serve(t)
  const [version, trace, parent, flags] = traceparent.split('-')
  const wrong = [
    '',
    'doc@lab.example',
    traceparent.toUpperCase(),
    `${traceparent} `.repeat(2),
    `${traceparent}-more`,
    `ff-${trace}-${parent}-${flags}`,
    `${version}-${'0'.repeat(32)}-${parent}-${flags}`,
    `${version}-${trace}-${'0'.repeat(16)}-${flags}`,
    `${version}-${trace}-${parent}`,
    `${version}-${trace}x-${parent}-${flags}`,
    [traceparent, traceparent]
  ]
  for (const [nth, sent] of wrong.entries()) {
    const { status, headers } = await ledger.post({ phoneNumber: `${nth}1` }, { traceparent: sent })
    t.same([status, headers['traceparent']], [200, undefined], `${sent}`)
  }
  for (const { data } of await ledger.events()) t.notOk('correlationId' in data)

  const later = `01-${trace}-${parent}-${flags}`
  const { headers } = await ledger.post({ phoneNumber: '2' }, { traceparent: `${later}-more` })
  t.equal(headers['traceparent'], later, 'of a later version the part that is known is read')
  t.match((await ledger.events()).at(-1)?.data, { correlationId: later })
})

t.test('a request keeps its id whatever it is answered', async (t) => {
  const ledger = await serve(t)
  const paths = ['/health/live', '/nowhere', '/contacts/0', '/contacts/7', '/contacts/%zz']
  const answers = await Promise.all(paths.map((path) => ledger.get(path)))
  answers.push(await ledger.post('{'), await ledger.send({ method: 'PUT', path: '/identify' }))
  const ids = answers.map(({ headers }) => String(headers['x-request-id']))
  t.ok(
    ids.every((id) => /^[\w-]{8}\.\w+$/.test(id)),
    ids.join()
  )
  t.equal(new Set(ids).size, answers.length)
  const sent = await ledger.send({ path: '/stats', headers: { 'x-request-id': 'doc@lab.example' } })
  t.not(sent.headers['x-request-id'], 'doc@lab.example', 'it is ours to give')
})

t.test('where an event came from survives export and import', async (t) => {
  const { ledger, log } = await openedLedger(t)
  const asked = { source: 'test', idempotencyKey: null, observedAt: null }
  const origin: Origin = { requestId: 'a.1', correlationId: traceparent }
  await ledger.observe({ ...asked, email: 'doc@lab.example', phoneNumber: '1', origin })
  await ledger.observe({ ...asked, email: 'doc@lab.example', phoneNumber: '2' })
  const between = [
    { kind: 'email', value: 'doc@lab.example' },
    { kind: 'phone', value: '1' }
  ] as const
  const said = { actor: 'ann', reason: 'a test', origin }
  await ledger.decide({ type: 'LinkForbidden', between, ...said })
  await ledger.decide({ type: 'ObservationRetracted', observation: 2, ...said })
  await ledger.decide({ type: 'SharingLimitSet', kind: 'email', limit: 3, ...said })
  const events = await log.read(0, 100)
  const copy = memoryLog()
  await restore(
    copy,
    (async function* () {
      for (const event of events) yield exportedLine(event)
    })()
  )
  t.same(await copy.read(0, 100), events)
  const origins = events.map(({ event }) => ('correlationId' in event ? event.correlationId : null))
  t.equal(origins.filter((one) => one === traceparent).length, 4)
})
