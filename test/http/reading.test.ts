import { setTimeout as pause } from 'node:timers/promises'
import pino from 'pino'
import t, { type Test } from 'tap'
import { LedgerError } from '../../src/domain/errors.ts'
import { buildApp } from '../../src/http/app.ts'
import type { Service } from '../../src/http/service.ts'
import { type Answered, flawOf, refused, type Served, serve } from '../support/service.ts'

/** The two identities of the statement, not yet joined: contacts 1 and 2, and 3. */
async function hillValley(t: Test): Promise<Served> {
  const ledger = await serve(t)
  await ledger.identify('lorraine@hillvalley.edu', '+123456')
  await ledger.identify('mcfly@hillvalley.edu', '+123456')
  await ledger.identify('biff@hillvalley.edu', '717171')
  return ledger
}

const lorraine = {
  primaryContactId: 1,
  emails: ['lorraine@hillvalley.edu', 'mcfly@hillvalley.edu'],
  phoneNumbers: ['+123456'],
  secondaryContactIds: [2]
}

/** Asserts a 200 with this body. */
function answers(t: Test, { status, body }: Answered, expected: unknown, claim: string) {
  t.strictSame({ status, body }, { status: 200, body: expected }, claim)
}

t.test('a contact is read with the identity that holds it', async (t) => {
  const ledger = await hillValley(t)
  const { createdAt } = await ledger.contact(1)
  const contact = {
    id: 1,
    phoneNumber: '+123456',
    email: 'lorraine@hillvalley.edu',
    linkedId: null,
    linkPrecedence: 'primary',
    createdAt,
    updatedAt: createdAt,
    deletedAt: null
  }
  answers(t, await ledger.get('/contacts/1'), { contact, identity: lorraine }, 'a primary')
  const secondary = await ledger.get('/contacts/2')
  t.match(secondary.body, { contact: { linkedId: 1, linkPrecedence: 'secondary' } })
  t.match(secondary.body, { identity: lorraine }, 'a secondary has the identity of its primary')

  for (const unknown of ['4', '999', '9007199254740991']) {
    refused(t, await ledger.get(`/contacts/${unknown}`), 404, `contact ${unknown} is unknown`)
  }
  const malformed = [
    ...['0', '-1', '1.5', '1e3', '0x1', 'true', 'one', '1a', '1,2', '%20', '%00', '%D9%A1'],
    ...['9007199254740992', '1'.repeat(500), 'null', 'undefined', 'Infinity', 'NaN']
  ]
  for (const id of malformed) {
    refused(t, await ledger.get(`/contacts/${id}`), 400, `contact ${id.slice(0, 20)}`, ['/id'])
  }
  refused(t, await ledger.get(`/contacts/${'1'.repeat(2_000)}`), 400, 'an id beyond all length')
  t.equal(await ledger.head(), 3, 'reading records nothing')
})

t.test('an identity is looked up by its values', async (t) => {
  const ledger = await hillValley(t)
  const found = [
    'email=lorraine@hillvalley.edu',
    'email=%20MCFLY%40hillvalley.edu%20',
    'phoneNumber=%2B123456',
    'phoneNumber=+123456',
    'phoneNumber=+12-34%2056',
    'email=mcfly@hillvalley.edu&phoneNumber=+123456',
    'email=&phoneNumber=+123456',
    'email=lorraine@hillvalley.edu&phoneNumber=%20',
    'email=lorraine@hillvalley.edu&other=1'
  ]
  for (const query of found) {
    answers(t, await ledger.get(`/contacts?${query}`), lorraine, query)
  }
  for (const query of ['email=doc@hillvalley.edu', 'phoneNumber=123456']) {
    refused(t, await ledger.get(`/contacts?${query}`), 404, `an unknown ${query}`)
  }
  for (const query of ['', 'email=', 'email=%20&phoneNumber=', 'mail=a@b.c']) {
    refused(t, await ledger.get(`/contacts?${query}`), 400, `no value in "${query}"`, [''])
  }
  const malformed: [string, string[]][] = [
    ['email=doc', ['/email']],
    ['email=a@b@c', ['/email']],
    ['phoneNumber=doc', ['/phoneNumber']],
    ['phoneNumber=1%2B2', ['/phoneNumber']],
    ['email=doc&phoneNumber=doc', ['/email', '/phoneNumber']],
    ['email=a@b.c&email=d@e.f', ['/email']]
  ]
  for (const [query, at] of malformed) {
    refused(t, await ledger.get(`/contacts?${query}`), 400, `a malformed ${query}`, at)
  }

  const both = await ledger.get('/contacts?email=lorraine@hillvalley.edu&phoneNumber=717171')
  refused(t, both, 409, 'values of two identities')
  t.notMatch(both.text, /hillvalley|717171/, 'and the values are not repeated')
  t.equal(await ledger.head(), 3, 'looking up records nothing and merges nothing')
})

t.test('the log is read in order, a page at a time', async (t) => {
  const ledger = await hillValley(t)
  await ledger.post({ email: 'lorraine@hillvalley.edu', phoneNumber: 717171 })
  const all = await ledger.events()
  const times = all.map(({ recordedAt }) => recordedAt)
  for (const time of times) t.equal(new Date(time).toISOString(), time, 'times are in ISO 8601')
  const observed = (position: number, data: object) => {
    const recordedAt = times[position - 1]
    const { requestId } = (all[position - 1]?.data ?? {}) as { requestId?: string }
    t.match(String(requestId), /^[\w-]{8}\.\w+$/, 'and the request that it came with')
    const at = { observedAt: recordedAt, source: 'http', requestId }
    return { position, type: 'ContactObserved', recordedAt, data: { ...data, ...at } }
  }
  t.same(
    all,
    [
      observed(1, { email: 'lorraine@hillvalley.edu', phoneNumber: '+123456', contact: 1 }),
      observed(2, { email: 'mcfly@hillvalley.edu', phoneNumber: '+123456', contact: 2 }),
      observed(3, { email: 'biff@hillvalley.edu', phoneNumber: '717171', contact: 3 }),
      observed(4, { email: 'lorraine@hillvalley.edu', phoneNumber: '717171', contact: null }),
      {
        position: 5,
        type: 'ContactsMerged',
        recordedAt: times[4],
        data: { survivor: 1, absorbed: [3], cause: 4 }
      }
    ],
    'every event has its values, not their numbers'
  )
  const pages: [string, number, number, number | null][] = [
    ['', 0, 5, null],
    ['?limit=5', 0, 5, null],
    ['?limit=4', 0, 4, 4],
    ['?limit=2', 0, 2, 2],
    ['?after=2&limit=2', 2, 4, 4],
    ['?after=4&limit=2', 4, 5, null],
    ['?after=3&limit=2', 3, 5, null],
    ['?after=5', 5, 5, null],
    ['?after=9007199254740991&limit=1000', 5, 5, null],
    ['?limit=1000&other=1', 0, 5, null]
  ]
  for (const [query, from, to, next] of pages) {
    const page = { events: all.slice(from, to), next }
    answers(t, await ledger.get(`/events${query}`), page, `/events${query}`)
  }
  const malformed: [string, string][] = [
    ...['-1', 'a', '', '1.5', '1e400', '9007199254740992', 'true', '0x1', '%00', 'null'].map(
      (after): [string, string] => [`after=${after}`, '/after']
    ),
    ...['0', '-1', '1001', 'all', '', '1.5', 'true', 'Infinity'].map((limit): [string, string] => [
      `limit=${limit}`,
      '/limit'
    ]),
    ['after=1&after=2', '/after'],
    ['limit=1&limit=2', '/limit']
  ]
  for (const [query, path] of malformed) {
    refused(t, await ledger.get(`/events?${query}`), 400, `/events?${query}`, [path])
  }
})

t.test('why two ends are one person is told by a chain of evidence', async (t) => {
  const ledger = await hillValley(t)
  for (let again = 0; again < 2; again++) {
    await pause(2)
    await ledger.identify('mcfly@hillvalley.edu', '+123456')
  }
  const apart = await ledger.get('/why?from=contact:1&to=contact:3')
  const apartOnly = { parted: null, but: null, unsearched: [] }
  const none = { connected: false, chain: [], joinedBy: null, how: null, strength: null }
  const ends = { from: 'email:lorraine@hillvalley.edu', to: 'email:biff@hillvalley.edu' }
  answers(t, apart, { ...none, ...apartOnly, ...ends }, 'two strangers')

  await pause(2)
  await ledger.identify('lorraine@hillvalley.edu', '717171')
  const events = await ledger.events()
  const at = (position: number) => ({ position, time: events[position - 1]?.recordedAt })
  const step = (from: string, to: string, ...evidence: number[]) => ({
    from,
    to,
    evidence: {
      count: evidence.length,
      first: at(evidence[0] as number),
      latest: at(evidence.at(-1) as number)
    },
    asserted: null
  })
  const link = (from: string, to: string, since: number, merge: number | null = null) => ({
    from,
    to,
    since: { type: 'ContactObserved', ...at(since) },
    merge
  })
  const bridge = link('email:lorraine@hillvalley.edu', 'phone:717171', 6, 7)
  const merge = { type: 'ContactsMerged', ...at(7), observation: 6 }
  const mcflyToBiff = {
    connected: true,
    from: 'email:mcfly@hillvalley.edu',
    to: 'email:biff@hillvalley.edu',
    chain: [
      step('email:mcfly@hillvalley.edu', 'phone:+123456', 2, 4, 5),
      step('phone:+123456', 'email:lorraine@hillvalley.edu', 1),
      step('email:lorraine@hillvalley.edu', 'phone:717171', 6),
      step('phone:717171', 'email:biff@hillvalley.edu', 3)
    ],
    joinedBy: merge,
    how: [
      link('phone:+123456', 'email:lorraine@hillvalley.edu', 1),
      link('email:mcfly@hillvalley.edu', 'phone:+123456', 2),
      link('phone:717171', 'email:biff@hillvalley.edu', 3),
      bridge
    ],
    strength: {
      independentChains: 1,
      weakPoints: ['phone:+123456', 'email:lorraine@hillvalley.edu', 'phone:717171']
    },
    ...apartOnly
  }
  const oneLink = { strength: { independentChains: 1, weakPoints: [] }, ...apartOnly }
  const questions: [string, string, unknown][] = [
    ['contact:2', 'contact:3', mcflyToBiff],
    ['email:mcfly@hillvalley.edu', 'email:Biff@hillvalley.edu', mcflyToBiff],
    [
      'contact:1',
      'phone:717171',
      {
        connected: true,
        from: 'email:lorraine@hillvalley.edu',
        to: 'phone:717171',
        chain: [step('email:lorraine@hillvalley.edu', 'phone:717171', 6)],
        joinedBy: merge,
        how: [bridge],
        ...oneLink
      }
    ],
    [
      'phone:+123456',
      'contact:2',
      {
        connected: true,
        from: 'phone:+123456',
        to: 'email:mcfly@hillvalley.edu',
        chain: [step('phone:+123456', 'email:mcfly@hillvalley.edu', 2, 4, 5)],
        joinedBy: { type: 'ContactObserved', ...at(2), observation: 2 },
        how: [link('phone:+123456', 'email:mcfly@hillvalley.edu', 2)],
        ...oneLink
      }
    ],
    [
      'contact:1',
      'email:lorraine@hillvalley.edu',
      {
        connected: true,
        from: 'email:lorraine@hillvalley.edu',
        to: 'email:lorraine@hillvalley.edu',
        chain: [],
        joinedBy: null,
        how: [],
        strength: null,
        ...apartOnly
      }
    ]
  ]
  for (const [from, to, why] of questions) {
    answers(t, await ledger.get(`/why?from=${from}&to=${to}`), why, `${from} and ${to}`)
  }
  t.match(
    (await ledger.get('/why?from=phone:%2B123456&to=phone:71-71%2071')).body,
    { connected: true, from: 'phone:+123456', to: 'phone:717171', joinedBy: merge },
    'phones are found in any spelling'
  )
})

t.test('why can only be asked of what is known', async (t) => {
  const ledger = await hillValley(t)
  for (const end of ['contact:4', 'email:doc@hillvalley.edu', 'phone:123456']) {
    refused(t, await ledger.get(`/why?from=contact:1&to=${end}`), 404, `to ${end}`)
    refused(t, await ledger.get(`/why?from=${end}&to=contact:1`), 404, `from ${end}`)
  }
  const malformed = [
    ...['', 'contact', 'contact:', 'contact:0', 'contact:-1', 'contact:1.5', 'contact:a'],
    ...['1', 'email:', 'email:doc', 'email:%20', 'phone:', 'phone:abc', 'phone:+', 'fax:1'],
    ...['Contact:1', '%20contact:1', 'contact:1%0A', 'contact:9999999999999999']
  ]
  for (const end of malformed) {
    refused(t, await ledger.get(`/why?from=${end}&to=contact:1`), 400, `from ${end}`, ['/from'])
    refused(t, await ledger.get(`/why?from=contact:1&to=${end}`), 400, `to ${end}`, ['/to'])
  }
  refused(t, await ledger.get('/why?from=contact:1'), 400, 'one end is missing', ['/to'])
  refused(t, await ledger.get('/why'), 400, 'both ends are missing', ['/from', '/to'])
  const twice = await ledger.get('/why?from=contact:1&from=contact:2&to=contact:3')
  refused(t, twice, 400, 'an end is given twice', ['/from'])
})

t.test('a service tells its supervisor how it is', async (t) => {
  const ledger = await hillValley(t)
  t.equal((await ledger.get('/health/live')).status, 200)
  const { status, body } = await ledger.get('/health/ready')
  t.match({ status, body }, { status: 200, body: { head: 3, readModel: 3 } })
})

t.test('a service that starts or stops is not ready', async (t) => {
  for (const state of ['starting', 'stopping'] as const) {
    const app = await serviceThat(state, () => {
      throw new LedgerError('unavailable', `The service is ${state}.`)
    })
    for (const url of ['/health/ready', '/contacts/1', '/events', '/contacts?email=a@b.c']) {
      const { statusCode, headers } = await app.inject(url)
      t.match([statusCode, headers['content-type']], [503, 'application/problem+json'], url)
      t.match(headers, { 'retry-after': '1' }, `${url} says when to come again`)
    }
    await app.close()
  }
})

t.test('what goes wrong inside stays inside', async (t) => {
  const app = await serviceThat('ready', () => {
    throw new Error('SQLITE_CORRUPT: SELECT doc@hillvalley.edu FROM vault')
  })
  const { statusCode, headers, body } = await app.inject('/contacts/1')
  t.match([statusCode, headers['content-type']], [500, 'application/problem+json'])
  t.strictSame(JSON.parse(body), {
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    detail: 'Something went wrong.'
  })
  await app.close()
})

/** The API of a service in a state of our choice. */
function serviceThat(state: Service['state'], ledger: Service['ledger']) {
  const service: Service = { state, ledger, canonicalPhone: (phone) => phone }
  return buildApp({ service, logger: pino({ level: 'silent' }) })
}

t.test('an unknown path is told as one', async (t) => {
  const ledger = await hillValley(t)
  const unknown = [
    '/identify/',
    '/console',
    '/console/',
    '/console/../package.json',
    '/contact',
    '/contacts/1/2',
    '/health',
    '/IDENTIFY',
    '//',
    '/*'
  ]
  for (const path of [...unknown, '/../etc/passwd', '/%2e%2e/', '/identify%00']) {
    refused(t, await ledger.get(path), 404, path)
  }
  const body = '{"email":"a@b.c"}'
  refused(t, await ledger.send({ method: 'POST', path: '/nowhere', body }), 404, 'POST /nowhere')
  refused(t, await ledger.get('/contacts/%zz'), 400, 'a path that is no URL')
})

t.test('a known path tells which methods it takes', async (t) => {
  const ledger = await hillValley(t)
  const paths: [string, string[]][] = [
    ['/identify', ['POST']],
    ['/contacts', ['GET', 'HEAD']],
    ['/contacts/1', ['GET', 'HEAD']],
    ['/contacts/none', ['GET', 'HEAD']],
    ['/events', ['GET', 'HEAD']],
    ['/why', ['GET', 'HEAD']],
    ['/health/live', ['GET', 'HEAD']],
    ['/health/ready', ['GET', 'HEAD']]
  ]
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']
  for (const [path, takes] of paths) {
    for (const method of methods.filter((method) => !takes.includes(method))) {
      const answer = await ledger.send({ method, path })
      refused(t, answer, 405, `${method} ${path}`)
      const allowed = answer.headers['allow']?.split(', ').sort()
      t.strictSame(allowed, takes, `${method} ${path} tells what is allowed`)
    }
  }
  const body = '{"email":"a@b.c"}'
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    refused(t, await ledger.send({ method, path: '/identify', body }), 405, `${method} with a body`)
  }
  t.equal(await ledger.head(), 3)
})

t.test('a method that few know is refused like any other', async (t) => {
  const ledger = await hillValley(t)
  for (const method of ['PROPFIND', 'MKCOL', 'PURGE', 'SEARCH', 'LOCK']) {
    const answer = await ledger.send({ method, path: '/identify' })
    refused(t, answer, 405, `${method} /identify`)
    t.equal(answer.headers['allow'], 'POST', 'and tells what is allowed')
  }
})

t.test('HEAD answers as GET does, without the body', async (t) => {
  const ledger = await hillValley(t)
  const paths = ['/contacts/1', '/contacts?phoneNumber=+123456', '/events', '/health/live']
  for (const path of [
    ...paths,
    '/why?from=contact:1&to=contact:2',
    '/contacts/9',
    '/events?after=a'
  ]) {
    const [got, head] = [await ledger.get(path), await ledger.send({ method: 'HEAD', path })]
    t.equal(head.status, got.status, path)
    t.equal(head.text, '', `${path} has no body`)
    for (const header of ['content-type', 'content-length']) {
      t.equal(head.headers[header], got.headers[header], `${path} has the same ${header}`)
    }
  }
  t.equal(flawOf(await ledger.send({ method: 'HEAD', path: '/nowhere' })), null)
})
