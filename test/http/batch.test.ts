import { type AddressInfo, connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import pino from 'pino'
import t, { type Test } from 'tap'
import { answerQueue, type Told } from '../../src/http/answer-queue.ts'
import { buildApp } from '../../src/http/app.ts'
import { batchStream } from '../../src/http/batch-stream.ts'
import type { Ledger } from '../../src/ledger.ts'
import type { LedgerOptions } from '../../src/ledger-options.ts'
import { memoryLog } from '../../src/log/memory.ts'
import { type BatchClientOptions, batchTo, type LineAnswer } from '../support/batch-client.ts'
import { requests, tell } from '../support/histories.ts'
import { openedLedger } from '../support/ledger.ts'
import { refused, serve } from '../support/service.ts'

const ndjson = { 'content-type': 'application/x-ndjson' }

/** The API on a ledger in this process, which counts the lines that wait for it. */
async function api(
  t: Test,
  { patience = 30_000, ...options }: Partial<LedgerOptions & { patience: number }> = {}
) {
  const opened = await openedLedger(t, options)
  const waiting = { now: 0, most: 0 }
  const counted: Ledger = {
    ...opened.ledger,
    observe(asked) {
      waiting.most = Math.max(waiting.most, ++waiting.now)
      return opened.ledger.observe(asked).finally(() => waiting.now--)
    }
  }
  const lines: string[] = []
  const logger = pino({}, { write: (line) => void lines.push(line) })
  const service = { state: 'ready' as const, ledger: () => counted, canonicalPhone: String }
  const app = await buildApp({ service, logger, limits: { patience } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const { port } = app.server.address() as AddressInfo
  return { ...opened, app, waiting, lines, port }
}

/** A log that appends nothing until it is let go. */
function heldLog() {
  const log = memoryLog()
  let letGo = () => {}
  const gone = new Promise<void>((resolve) => {
    letGo = resolve
  })
  return {
    letGo,
    log: {
      ...log,
      append: async (...batch: Parameters<typeof log.append>) => {
        await gone
        return log.append(...batch)
      }
    }
  }
}

/** Sends a whole body and takes all of its answers. */
async function answersTo(
  port: number,
  body: string | Uint8Array,
  options?: BatchClientOptions
): Promise<readonly LineAnswer[]> {
  const client = batchTo(port, options)
  client.send(body)
  client.end()
  await client.ended
  return client.answers
}

const person = (nth: number) => ({ email: `p${nth}@x`, phoneNumber: String(nth) })
const people = (count: number) => Array.from({ length: count }, (_, nth) => person(nth))
const bodyOf = (lines: readonly unknown[]) =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('')
const numbers = (answers: readonly LineAnswer[]) => answers.map(({ line }) => line)
const upTo = (count: number) => Array.from({ length: count }, (_, nth) => nth + 1)

t.test('each line is answered in its turn, with its own status', async (t) => {
  const ledger = await serve(t)
  const long = `{"email":"doc@x","padding":"${'.'.repeat(16 * 1024)}"}`
  const body = Buffer.concat([
    Buffer.from('{"email":"a@x","phoneNumber":"1"}\n\n \t\r\n{"email":"B@X ","phoneNumber":1}\r\n'),
    Buffer.from(`{"email":\n${long}\n{"email":"no"}\n[]\n{"email":"`),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('@x"}\n{"email":1,"source":2}\n{}\n{"phoneNumber":"1","more":{"__proto__":1}}')
  ])
  const answers = await answersTo(ledger.port, body)
  t.match(answers, [
    { line: 1, status: 200, identity: { primaryContactId: 1, emails: ['a@x'] } },
    { line: 4, status: 200, identity: { emails: ['a@x', 'b@x'], secondaryContactIds: [2] } },
    { line: 5, status: 400, problem: { detail: 'The line is not valid JSON.' } },
    { line: 6, status: 413, problem: { detail: 'The line has more than 16 KiB.' } },
    { line: 7, status: 400, problem: { errors: [{ path: '/email' }] } },
    { line: 8, status: 400, problem: { errors: [{ path: '', message: 'must be a JSON object' }] } },
    { line: 9, status: 400, problem: { detail: 'The line is not valid UTF-8.' } },
    { line: 10, status: 400, problem: { errors: [{ path: '/email' }, { path: '/source' }] } },
    { line: 11, status: 400, problem: { errors: [{ path: '' }] } },
    { line: 12, status: 200, identity: { primaryContactId: 1 } }
  ])
  t.equal(answers.length, 10, 'blank lines are counted, and not answered')
  for (const { status, problem } of answers) {
    if (problem === undefined) continue
    const { type, title, detail } = problem
    t.match(
      { type, title: title !== '', detail: detail !== '', status: problem.status },
      {
        type: 'about:blank',
        title: true,
        detail: true,
        status
      }
    )
  }
  t.equal((await ledger.events()).length, 3, 'what is refused is not recorded')
  t.match(await ledger.verify(), { ok: true })
})

t.test('a line tells its key, its source and its time', async (t) => {
  const ledger = await serve(t)
  const line = {
    email: 'a@x',
    idempotencyKey: 'k1',
    source: 'crm',
    observedAt: '2020-02-29T12:00Z'
  }
  const answers = await answersTo(
    ledger.port,
    bodyOf([
      line,
      line,
      { ...line, email: 'b@x' },
      { email: 'a@x', idempotencyKey: null, source: null, observedAt: null },
      { email: 'a@x', observedAt: '1969-12-31' },
      { email: 'a@x', observedAt: '2021-02-29' },
      { email: 'a@x', observedAt: '+275760-09-14T00:00:00Z' },
      { email: 'a@x', idempotencyKey: 'a b' },
      { email: 'a@x', source: 's'.repeat(101) }
    ])
  )
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 200, 422, 200, 200, 400, 400, 400, 400]
  )
  const [first, second, third, ...others] = await ledger.events()
  t.match(first?.data, {
    idempotencyKey: 'k1',
    source: 'crm',
    observedAt: '2020-02-29T12:00:00.000Z'
  })
  t.not(first?.recordedAt, '2020-02-29T12:00:00.000Z', 'it is recorded when it is written')
  t.match(await ledger.contact(1), {
    createdAt: '2020-02-29T12:00:00.000Z',
    updatedAt: '2020-02-29T12:00:00.000Z'
  })
  t.match(second?.data, { source: 'http', observedAt: second?.recordedAt })
  t.match(third?.data, { observedAt: '1969-12-31T00:00:00.000Z' })
  t.strictSame(others, [], 'the same key with the same body appends nothing')
  t.match(await ledger.verify(), { ok: true })
})

t.test('a batch answers what its lines would be answered one by one', async (t) => {
  const { port } = await api(t)
  const [asked = []] = fc.sample(
    fc.array(requests, { minLength: 40, maxLength: 40 }).map((all) => all.flat()),
    { seed: 7, numRuns: 1 }
  )
  const { answers } = tell(asked)
  const told = await answersTo(port, bodyOf(asked))
  t.strictSame(
    told,
    answers.map((identity, nth) => ({ line: nth + 1, status: 200, identity }))
  )
})

t.test('a line may come in pieces, wherever they are cut', async (t) => {
  const { port } = await api(t)
  const body = Buffer.from(bodyOf([{ email: 'žofie@x' }, { email: 'b@x' }]).trimEnd())
  const client = batchTo(port)
  for (const byte of body) {
    client.send(Buffer.from([byte]))
    await new Promise((turn) => setImmediate(turn))
  }
  client.end()
  await client.ended
  t.match(client.answers, [
    { identity: { emails: ['žofie@x'] } },
    { identity: { emails: ['b@x'] } }
  ])
})

t.test('answers come while the rest is still on its way', async (t) => {
  const { port } = await api(t)
  const client = batchTo(port)
  for (const nth of upTo(3)) {
    client.send(person(nth))
    t.ok(await client.until(nth), `line ${nth} is answered before the next is sent`)
  }
  client.end()
  t.not(await client.ended, null)
  t.equal(client.answers.length, 3)
})

t.test('a bulk load may be answered by primaries only', async (t) => {
  const { port } = await api(t)
  const answers = await answersTo(port, bodyOf([person(1), { email: 'p1@x' }, {}]), {
    path: '/identify/batch?answer=primary'
  })
  t.match(answers, [
    { line: 1, status: 200, primaryContactId: 1 },
    { line: 2, status: 200, primaryContactId: 1 },
    { line: 3, status: 400, problem: { status: 400 } }
  ])
  t.notOk(answers.some((answer) => 'identity' in answer))
})

t.test('a bulk load may be answered by what each line put on record', async (t) => {
  const { port } = await api(t)
  const lines = [person(1), person(2), { ...person(1), phoneNumber: person(2).phoneNumber }, {}]
  const answers = await answersTo(port, bodyOf(lines), {
    path: '/identify/batch?answer=receipt'
  })
  t.match(answers, [
    { receipt: { primaryContactId: 1, observation: 1, contact: 1, absorbed: [] } },
    { receipt: { primaryContactId: 2, observation: 2, contact: 2, absorbed: [] } },
    { receipt: { primaryContactId: 1, observation: 3, contact: null, absorbed: [2] } },
    { line: 4, status: 400, problem: { status: 400 } }
  ])
})

t.test('nothing is answered before it is on disk, and no more than a share waits', async (t) => {
  const { log, letGo } = heldLog()
  const { port, waiting } = await api(t, { log })
  const [one, other] = [batchTo(port), batchTo(port)]
  one.send(bodyOf(people(3_000)))
  other.send(bodyOf(people(3_000)))
  for (const client of [one, other]) client.end()
  while (waiting.now < 1_000) await pause(5)
  const alone = fetch(`http://127.0.0.1:${port}/identify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"email":"alone@x"}'
  })
  while (waiting.now < 1_001) await pause(5)
  t.strictSame([...one.answers, ...other.answers], [], 'nothing is answered yet')
  letGo()
  t.equal((await alone).status, 200, 'a request that comes alone finds room')
  await Promise.all([one.ended, other.ended])
  for (const { answers } of [one, other]) {
    t.strictSame(numbers(answers), upTo(3_000))
    t.ok(answers.every(({ status }) => status === 200))
  }
  t.equal(waiting.most, 1_001, 'both batches together never had more lines waiting than one may')
})

t.test('where the queue is crowded a batch waits, and is not refused', async (t) => {
  const { port, waiting } = await api(t, {
    queueLimit: 8,
    batchLimits: { requests: 1, weight: 1_000 }
  })
  const answers = await answersTo(port, bodyOf(people(300)))
  t.strictSame(numbers(answers), upTo(300))
  t.ok(answers.every(({ status }) => status === 200))
  t.ok(waiting.most <= 6, `${waiting.most} lines waited at most; the rest is left to others`)
})

t.test('of a client that takes no answers no more is read, until it does', async (t) => {
  const { port, log } = await api(t)
  const count = 8_000
  const client = batchTo(port)
  client.pause()
  const hub = Array.from({ length: 300 }, (_, nth) => ({ email: 'hub@x', phoneNumber: `9${nth}` }))
  client.send(bodyOf([...hub, ...new Array(count - 300).fill({ email: 'hub@x' })]))
  client.end()
  let head = -1
  for (let before = -2; before !== head || head === 0; head = await log.head()) {
    before = head
    await pause(250)
  }
  t.ok(head < count, `it stands still after ${head} lines`)
  client.resume()
  t.not(await client.ended, null)
  t.strictSame(numbers(client.answers), upTo(count), 'and then all are answered')
  t.equal(await log.head(), count)
})

t.test('an identity too large to wait with many others is looked up in its turn', async (t) => {
  const sizes = [600_000, 600_000, 1]
  const held = { weight: 0 }
  const told = (nth: number): Told => ({
    identity: {
      primaryContactId: nth,
      emails: [],
      phoneNumbers: [],
      secondaryContactIds: new Array(sizes[nth]).fill(nth)
    }
  })
  const looked: number[] = []
  const look = async (primary: number) => {
    looked.push(primary)
    return told(primary)
  }
  const queue = answerQueue({ held, look, onProgress() {}, onClose() {} })
  const answers = sizes.map((_, nth) => queue.add(nth))
  answers.forEach((answer, nth) => {
    answer(told(nth))
  })
  t.equal(held.weight, 600_001)
  queue.end()
  let text = ''
  for await (const part of queue.stream) text += part
  t.strictSame(
    text.trimEnd().split('\n'),
    sizes.map((_, line) => JSON.stringify({ line, status: 200, ...told(line) }))
  )
  t.strictSame(looked, [1], 'the second only')
  t.equal(held.weight, 0)
})

t.test('a line that is looked up in vain is logged and counted, as any other is', async (t) => {
  const { ledger } = await openedLedger(t)
  const large = {
    ...{ primaryContactId: 1, emails: ['a@x'], phoneNumbers: [] },
    secondaryContactIds: new Array(600_000).fill(2)
  }
  const failing: Ledger = {
    ...ledger,
    observe: async () => large,
    contact: () => Promise.reject(new Error('a mistake'))
  }
  const service = { state: 'ready' as const, ledger: () => failing, canonicalPhone: String }
  const lines: string[] = []
  const logger = pino({}, { write: (line) => void lines.push(line) })
  const refusals: unknown[] = []
  const http = { answered() {}, refused: (...told: unknown[]) => void refusals.push(told) }
  const metrics = { contentType: 'text/plain', text: async () => '', http }
  const app = await buildApp({ service, logger, metrics })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const { port } = app.server.address() as AddressInfo
  const [, second] = await answersTo(port, bodyOf([{ email: 'a@x' }, { email: 'a@x' }]))
  t.match(second, { line: 2, status: 500 }, 'it is let go, and asked for in vain')
  t.strictSame(refusals, [['line', 500]])
  t.match(
    lines.map((line) => JSON.parse(line)).filter(({ level }) => level > 30),
    [{ level: 50, msg: 'a line of a batch failed', err: { message: 'a mistake' } }]
  )
})

t.test('after a failed write the remaining lines are answered 503, in order', async (t) => {
  const log = memoryLog()
  let appends = 0
  const failing = {
    ...log,
    append: (...batch: Parameters<typeof log.append>) =>
      ++appends < 3 ? log.append(...batch) : Promise.reject(new Error('disk gone'))
  }
  const { port } = await api(t, {
    log: failing,
    batchLimits: { requests: 100, weight: 100_000 }
  })
  const answers = await answersTo(port, bodyOf(people(2_500)))
  t.strictSame(numbers(answers), upTo(2_500))
  const recorded = await log.head()
  t.ok(recorded > 0 && recorded <= 200)
  t.ok(answers.slice(0, recorded).every(({ status }) => status === 200))
  t.ok(answers.slice(recorded).every(({ status, problem }) => status === 503 && problem))
})

t.test('a service that stops ends its batches in order, and waits for none for long', async (t) => {
  const ledger = await serve(t)
  const [one, idle] = [batchTo(ledger.port), batchTo(ledger.port)]
  one.send(person(1))
  idle.send(person(2))
  t.ok((await one.until(1)) && (await idle.until(1)))
  const stopped = ledger.stop()
  one.send(person(3), person(4))
  one.end()
  t.not(await one.ended, null)
  t.match(one.answers, [
    { line: 1, status: 200 },
    { line: 2, status: 503, problem: { detail: 'The service is stopping.' } },
    { line: 3, status: 503 }
  ])
  t.not(await idle.ended, null, 'the end of the other is a whole one, too')
  t.equal(idle.answers.length, 1)
  await stopped
})

t.test('a client that hangs up frees all that it held', async (t) => {
  const { log, letGo } = heldLog()
  const { port, app, waiting, lines } = await api(t, { log })
  const [gone, waits] = [batchTo(port), batchTo(port)]
  gone.send(bodyOf(people(3_000)))
  while (waiting.now < 1_000) await pause(5)
  waits.send(person(1))
  gone.sent.destroy()
  letGo()
  t.ok(await waits.until(1), 'its room is there for others')
  while (!lines.some((line) => line.includes('/identify/batch'))) await pause(5)
  waits.end()
  t.not(await waits.ended, null)
  await app.close()
  while (waiting.now > 0) await pause(5)
  t.pass('and no connection is left')
})

t.test('a long batch is not cut off, and one that stands still is', async (t) => {
  const { port } = await api(t, { patience: 300 })
  const client = batchTo(port)
  client.send(person(1))
  t.ok(await client.until(1))
  const beat = setInterval(() => client.send('\n'), 50)
  const slow = connect(port, '127.0.0.1')
  slow.write(
    'POST /identify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{'
  )
  const told = await new Promise<string>((resolve) =>
    slow.once('data', (text) => resolve(`${text}`))
  )
  slow.destroy()
  t.match(told, /^HTTP\/1.1 408 /, 'a request that came later was cut off')
  client.send(person(2))
  t.ok(await client.until(2), 'the batch goes on')
  clearInterval(beat)
  client.send('{"email":')
  t.not(await client.ended, null, 'it ends in order when its client stands still')
  t.match(client.answers[2], { status: 408, problem: { detail: /took too long/ } })
  t.equal(client.answers.length, 3)
})

t.test('a client that stands still is told so, unless the service hurries it', async (t) => {
  const look = () => Promise.reject(new Error('is not asked'))
  const batch = () =>
    batchStream(new PassThrough(), {
      ...{ held: { weight: 0 }, look, take: () => true, onClose() {} },
      // As long as the haste of a service that stops.
      patience: 1_000
    })
  const [alone, hurried] = [batch(), batch()]
  hurried.hurry()
  const told = await Promise.all([alone, hurried].map(({ stream }) => text(stream)))
  t.match(told[0], /^\{"line":1,"status":408,.*\}\n$/)
  t.equal(told[1], '', 'which is not the client’s fault')
})

t.test('what is no batch is refused', async (t) => {
  const ledger = await serve(t)
  const post = (headers: Record<string, string>, path = '/identify/batch') =>
    ledger.send({ method: 'POST', path, headers, body: '{"email":"a@x"}\n' })
  refused(t, await post({ 'content-type': 'application/json' }), 415, 'JSON')
  refused(t, await post({ ...ndjson, 'content-encoding': 'gzip' }), 415, 'an encoded body')
  refused(t, await post(ndjson, '/identify/batch?answer=all'), 400, 'an answer', ['/answer'])
  refused(t, await post(ndjson, '/identify/batch?dryRun=true'), 400, 'a dry run', ['/dryRun'])
  refused(t, await ledger.get('/identify/batch'), 405, 'another method')
  refused(
    t,
    await ledger.send({ method: 'POST', path: '/identify/batch' }),
    415,
    'no body of any type'
  )
  t.strictSame(await answersTo(ledger.port, ''), [], 'an empty body has no answers')
  t.strictSame(await ledger.events(), [])
  const broken = await ledger.raw(
    'POST /identify/batch HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n' +
      'transfer-encoding: chunked\r\n\r\n11\r\n{"email": "a@x"}\n\r\nnonsense\r\n'
  )
  t.equal(broken.match(/HTTP\/1\.1/g)?.length, 1, 'a body that breaks off is answered once')
})

t.test('there is a limit to how many batches may be under way', async (t) => {
  const { port } = await api(t)
  const open = Array.from({ length: 100 }, () => batchTo(port))
  for (const client of open) client.send(person(1))
  const begun = await Promise.all(open.map((client) => client.until(1)))
  t.notOk(begun.includes(false), 'a hundred are')
  const refusal = await fetch(`http://127.0.0.1:${port}/identify/batch`, {
    method: 'POST',
    headers: ndjson,
    body: bodyOf([person(2)])
  })
  t.strictSame([refusal.status, refusal.headers.get('retry-after')], [503, '1'])
  for (const client of open) client.end()
  for (const client of open) await client.ended
  t.equal(
    (await answersTo(port, bodyOf([person(2)]))).length,
    1,
    'as soon as they end there is room'
  )
})
