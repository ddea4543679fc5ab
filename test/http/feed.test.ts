import { deepStrictEqual as same } from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import pino from 'pino'
import t, { type Test } from 'tap'
import { buildApp } from '../../src/http/app.ts'
import type { Ledger } from '../../src/ledger.ts'
import type { LedgerOptions } from '../../src/ledger-options.ts'
import { memoryLog } from '../../src/log/memory.ts'
import type { PublishedEvent } from '../../src/published-event.ts'
import { type Follower, follow } from '../support/follower.ts'
import { asked, requests } from '../support/histories.ts'
import { holds } from '../support/holds.ts'
import { openedLedger } from '../support/ledger.ts'
import { refused, type Served, serve } from '../support/service.ts'

const stream = { accept: 'text/event-stream' }

/** Two identities, contacts 1 and 2, and their merge: events 1 to 4. */
async function hillValley(t: Test): Promise<Served> {
  const ledger = await serve(t)
  await ledger.identify('lorraine@hillvalley.edu')
  await ledger.identify('biff@hillvalley.edu', '717171')
  await ledger.identify('lorraine@hillvalley.edu', '717171')
  return ledger
}

/** The API on a ledger in this process, which counts the streams that are under way. */
async function api(
  t: Test,
  { heartbeat = 15_000, ...options }: Partial<LedgerOptions & { heartbeat: number }> = {}
) {
  const opened = await openedLedger(t, options)
  const under = { way: 0 }
  const counted: Ledger = {
    ...opened.ledger,
    async *follow(after, signal) {
      under.way++
      try {
        yield* opened.ledger.follow(after, signal)
      } finally {
        under.way--
      }
    }
  }
  const lines: string[] = []
  const logger = pino({}, { write: (line) => void lines.push(line) })
  const service = { state: 'ready' as const, ledger: () => counted, canonicalPhone: String }
  const app = await buildApp({ service, logger, heartbeat })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return { ...opened, app, under, lines, port: (app.server.address() as AddressInfo).port }
}

const has = (count: number) => (follower: Follower) => follower.events.length >= count
const parse = (line: string) => JSON.parse(line)
const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('a feed tells what GET /events tells, and then each event as it comes', async (t) => {
  const ledger = await hillValley(t)
  const reader = await follow(ledger.port)
  t.match(reader.response, {
    statusCode: 200,
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      vary: 'accept'
    }
  })
  await reader.until(has(4))
  t.strictSame(reader.events, await ledger.events())
  const [first] = reader.events
  const told = `retry: 1000\n\nid: 1\nevent: ContactObserved\ndata: ${JSON.stringify(first)}\n\n`
  t.equal(reader.text.slice(0, told.length), told, 'in the form of Server-Sent Events')

  await ledger.identify('marty@hillvalley.edu', '1')
  await reader.until(has(5))
  await ledger.identify('marty@hillvalley.edu', '717171')
  await reader.until(has(7))
  t.strictSame(reader.events, await ledger.events(), 'those that came later')
  t.match(reader.events.at(-1), { type: 'ContactsMerged', data: { survivor: 1, absorbed: [3] } })
  reader.cut()
})

t.test('a feed is for who wants one; all others get a page', async (t) => {
  const ledger = await hillValley(t)
  const page = 'application/json; charset=utf-8'
  const wanted: [string | null, string][] = [
    [null, page],
    ['*/*', page],
    ['', page],
    ['application/json', page],
    ['text/html', page],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', page],
    ['application/json, text/event-stream', page],
    ['text/event-stream;q=0.5, application/json', page],
    ['text/event-stream;q=0', page],
    ['text/event-stream;q=a', page],
    ['text/event-stream', 'text/event-stream'],
    ['Text/Event-Stream; charset=utf-8', 'text/event-stream'],
    ['text/*', 'text/event-stream'],
    ['text/event-stream, */*;q=0.1', 'text/event-stream'],
    ['application/json;q=0.9, text/event-stream', 'text/event-stream']
  ]
  for (const [accept, type] of wanted) {
    const headers = accept === null ? {} : { accept }
    const answer = await ledger.send({ method: 'HEAD', path: '/events', headers })
    t.strictSame([answer.status, answer.headers['content-type']], [200, type], `Accept: ${accept}`)
    t.equal(answer.text, '')
  }
})

t.test('a reader that comes back goes on after the last event that it had', async (t) => {
  const ledger = await hillValley(t)
  const all = await ledger.events()
  const starts: [string, Record<string, string>, number][] = [
    ['?after=2', {}, 2],
    ['', { 'last-event-id': '3' }, 3],
    ['?after=3', { 'last-event-id': '1' }, 1],
    ['?after=3', { 'last-event-id': '0' }, 0]
  ]
  for (const [query, headers, from] of starts) {
    const reader = await follow(ledger.port, { path: `/events${query}`, headers })
    await reader.until(has(4 - from))
    t.strictSame(reader.events, all.slice(from), `${query} ${JSON.stringify(headers)}`)
    reader.cut()
  }
  const atHead = await follow(ledger.port, { headers: { 'last-event-id': '4' } })
  await ledger.identify('marty@hillvalley.edu')
  await atHead.until(has(1))
  t.match(atHead.events, [{ position: 5 }], 'at the head it waits')
  atHead.cut()
})

t.test('a reader that can’t go on from where it was is told so', async (t) => {
  const ledger = await hillValley(t)
  const at = ['/headers/last-event-id']
  for (const id of ['', 'a', '-1', '1.5', '1e3', '0x1', '+1', '1,2', '9007199254740992']) {
    const headers = { ...stream, 'last-event-id': id }
    refused(t, await ledger.send({ path: '/events', headers }), 400, `Last-Event-ID: ${id}`, at)
  }
  const beyond = { ...stream, 'last-event-id': '5' }
  refused(t, await ledger.send({ path: '/events', headers: beyond }), 409, 'beyond the head')
  const page = await ledger.send({ path: '/events', headers: { 'last-event-id': 'a' } })
  t.equal(page.status, 200, 'a page has no use for Last-Event-ID')
  const malformed = await ledger.send({ path: '/events?after=a', headers: stream })
  refused(t, malformed, 400, 'after is checked as ever', ['/after'])
})

t.test('a feed and a page can be of some events only', async (t) => {
  const ledger = await hillValley(t)
  await ledger.identify('marty@hillvalley.edu', '1')
  await ledger.identify('marty@hillvalley.edu', '717171')
  const all = await ledger.events()
  const filters: [string, number[]][] = [
    ['type=ContactsMerged', [4, 7]],
    ['type=ContactsMerged,ContactObserved', [1, 2, 3, 4, 5, 6, 7]],
    ['type=ContactsMerged&type=ContactObserved', [1, 2, 3, 4, 5, 6, 7]],
    ['contact=1', [1, 4, 7]],
    ['contact=2', [2, 4]],
    ['contact=3', [5, 7]],
    ['contact=3&type=ContactObserved', [5]],
    ['contact=9', []]
  ]
  for (const [query, positions] of filters) {
    const wanted = all.filter(({ position }) => positions.includes(position))
    for (const limit of [1, 2, 100]) {
      const found: PublishedEvent[] = []
      for (let after: number | null = 0; after !== null; ) {
        const { body } = await ledger.get(`/events?${query}&limit=${limit}&after=${after}`)
        const page = body as { events: PublishedEvent[]; next: number | null }
        if (page.events.length > limit) t.fail('a page is too long')
        found.push(...page.events)
        after = page.next
      }
      t.strictSame(found, wanted, `${query}, in pages of ${limit}`)
    }
    const reader = await follow(ledger.port, { path: `/events?${query}` })
    await reader.until(has(wanted.length))
    t.strictSame(reader.events, wanted, `${query}, as a feed`)
    reader.cut()
  }
  const malformed = ['', 'contactsmerged', 'ContactsMerged,', ',ContactsMerged', 'a,ContactsMerged']
  for (const type of [...malformed, 'ContactsMerged&type=a']) {
    const answer = await ledger.get(`/events?type=${type}`)
    refused(t, answer, 400, `type=${type}`, ['/type'])
  }
  for (const contact of ['', '0', 'a', '1.5', '-1', '1&contact=2']) {
    const answer = await ledger.send({ path: `/events?contact=${contact}`, headers: stream })
    refused(t, answer, 400, `contact=${contact}`, ['/contact'])
  }
})

t.test('a page searches so much of the log and no more', async (t) => {
  const { ledger, app } = await api(t)
  for (let half = 0; half < 2; half++) {
    const phones = Array.from({ length: 5_010 }, (_, nth) => String(half * 5_010 + nth))
    await Promise.all(phones.map((phone) => ledger.observe(asked(null, phone))))
  }
  const page = async (after: number) =>
    (await app.inject(`/events?type=ContactsMerged&after=${after}`)).json()
  t.strictSame(await page(0), { events: [], next: 10_000 })
  t.strictSame(await page(10_000), { events: [], next: null })
  t.strictSame(await page(20), { events: [], next: null }, 'the head is seen when it is reached')
})

t.test('a reader is told how far it has come past events that it does not want', async (t) => {
  const { ledger, port } = await api(t)
  const phones = Array.from({ length: 1_100 }, (_, nth) => String(nth))
  await Promise.all(phones.map((phone) => ledger.observe(asked(null, phone))))
  const path = '/events?type=ContactsMerged'
  const reader = await follow(port, { path })
  await reader.until(({ lastEventId }) => lastEventId !== null)
  t.same([reader.lastEventId, reader.events], ['1000', []])
  reader.cut()
})

t.test('a silent feed shows that it lives', async (t) => {
  const { ledger, port } = await api(t, { heartbeat: 1 })
  await ledger.observe(asked('a@x', '1'))
  const reader = await follow(port, { path: '/events?type=ContactsMerged' })
  await reader.until(({ text }) => (text.match(/^: alive$/gm)?.length ?? 0) > 2)
  await reader.until(({ lastEventId }) => lastEventId === '1')
  t.same([reader.lastEventId, reader.events], ['1', []], 'and how far it has come')
  reader.cut()
})

t.test('a reader that does not read holds up nobody and loses nothing', async (t) => {
  const memory = memoryLog()
  let readAfter = 0
  const read: typeof memory.read = (after, limit) => {
    readAfter = Math.max(readAfter, after)
    return memory.read(after, limit)
  }
  const { ledger, port, under } = await api(t, { log: { ...memory, read } })
  const reader = await follow(port)
  reader.response.pause()
  const [large, count] = ['x'.repeat(100_000), 1_000]
  for (let nth = 0; nth < count; nth++) {
    await ledger.observe({ ...asked(null, String(nth)), source: large })
  }
  t.equal(await memory.head(), count, 'all is written')
  t.ok(readAfter < count, 'nothing is read for it that it does not take')
  t.equal(under.way, 1)
  let seen = 0
  const received = new Promise<void>((resolve) => {
    reader.response.removeAllListeners('data')
    let rest = ''
    reader.response.setEncoding('utf8').on('data', (text: string) => {
      const blocks = (rest + text).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const [, id] = /^id: (\d+)$/m.exec(block) ?? []
        if (id !== undefined && Number(id) !== ++seen) t.fail(`${id} came after ${seen - 1}`)
      }
      if (seen === count) resolve()
    })
  })
  reader.response.resume()
  await received
  t.equal(seen, count, 'it gets all, once it reads')
  reader.cut()
})

t.test('a reader that breaks off at random ends with all events', async (t) => {
  const ledger = await serve(t)
  const cuts = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 8, size: 'max' })
  const claim = 'whatever is written meanwhile, wherever the connection breaks'
  await holds(
    t,
    claim,
    fc.tuple(requests, cuts),
    async ([requests, cuts]) => {
      let head: number | null = null
      const writing = (async () => {
        for (const { email, phoneNumber } of requests) await ledger.identify(email, phoneNumber)
        head = await ledger.head()
      })()
      const heard: PublishedEvent[] = []
      let lastEventId: string | null = null
      for (const cutAfter of [...cuts, Number.POSITIVE_INFINITY]) {
        const headers: Record<string, string> =
          lastEventId === null ? {} : { 'last-event-id': lastEventId }
        const reader = await follow(ledger.port, { headers, cutAfter })
        const atHead = () => head !== null && Number(reader.lastEventId ?? lastEventId) >= head
        await Promise.race([reader.until(atHead), writing.then(() => reader.until(atHead))])
        reader.cut()
        await reader.ended
        heard.push(...reader.events)
        lastEventId = reader.lastEventId ?? lastEventId
      }
      await writing
      same(heard, await ledger.events())
    },
    { numRuns: 40 }
  )
})

t.test('a service that stops ends its feeds in good order', async (t) => {
  const ledger = await hillValley(t)
  const readers = await Promise.all(
    [0, 4].map((after) => follow(ledger.port, { path: `/events?after=${after}` }))
  )
  await readers[0]?.until(has(4))
  await ledger.stop()
  t.same(await Promise.all(readers.map(({ ended }) => ended)), [true, true])
})

t.test('a reader that does not read does not hold up the end', async (t) => {
  const { ledger, port, app, under } = await api(t)
  const reader = await follow(port)
  reader.response.pause()
  const source = 'x'.repeat(100_000)
  for (let nth = 0; nth < 500; nth++) await ledger.observe({ ...asked(null, '1'), source })
  await app.close()
  while (under.way > 0) await turn()
  t.equal(under.way, 0)
  reader.cut()
})

t.test('a ledger that fails ends its feeds', async (t) => {
  const memory = memoryLog()
  const append = () => Promise.reject(new Error('the disk is full'))
  const { ledger, port, failures } = await api(t, { log: { ...memory, append } })
  const reader = await follow(port)
  await t.rejects(ledger.observe(asked('a@x', '1')), { code: 'unavailable' })
  t.equal(await reader.ended, true)
  t.equal(failures.length, 1)
})

t.test('a feed that can’t be read on breaks off, and the log says why', async (t) => {
  const memory = memoryLog()
  const read = () => Promise.reject(new Error('a bad sector'))
  const { ledger, port, lines } = await api(t, { log: { ...memory, read } })
  await ledger.observe(asked('a@x', '1'))
  const reader = await follow(port)
  t.equal(await reader.ended, false)
  t.ok(lines.some((line) => line.includes('a bad sector') && line.includes('"level":50')))
})

t.test('nothing stays of a reader that has gone', async (t) => {
  const { ledger, port, under, lines } = await api(t)
  const source = 'x'.repeat(100_000)
  for (let nth = 0; nth < 300; nth++) await ledger.observe({ ...asked(null, '1'), source })
  const readers = await Promise.all(
    ['0', '300'].map((after) => follow(port, { path: `/events?after=${after}` }))
  )
  readers[0]?.response.pause()
  const get = 'GET /events HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\n\r\n'
  const pipelining = connect({ port, host: '127.0.0.1' }, () => pipelining.write(get + get))
  await once(pipelining, 'data')
  while (under.way < 4) await turn()
  for (const reader of readers) reader.cut()
  pipelining.destroy()
  while (under.way > 0) await turn()
  t.equal(under.way, 0, 'at rest, in the middle of a page, or behind another on its connection')
  const requests = () => lines.filter((line) => line.includes('"msg":"request"'))
  while (requests().length < 3) await turn()
  const line = { route: '/events', status: 200 }
  t.match(requests().map(parse), [line, line, line], 'each is logged once')
})
