import pino from 'pino'
import t, { type Test } from 'tap'
import { compare } from '../../projections/check.ts'
import { filesOf, readLog } from '../../scripts/wiring.ts'
import type { Identity } from '../../src/domain/answer.ts'
import type { PublishedDecision } from '../../src/published-decision.ts'
import type { ContactWithIdentity } from '../../src/views.ts'
import { freshFolder } from '../support/process.ts'
import { type Answered, refused, type Served, serve } from '../support/service.ts'

const said = { actor: 'ann', reason: 'a customer called' }
const silent = pino({ level: 'silent' })

const send = (ledger: Served, body: unknown, query = '') =>
  ledger.send({ method: 'POST', path: `/decisions${query}`, body: JSON.stringify(body) })

/** Has a decision made that must be accepted. */
async function decide(ledger: Served, body: object, query = ''): Promise<PublishedDecision> {
  const { status, text, body: made } = await send(ledger, { ...body, ...said }, query)
  if (status === 200) return made as PublishedDecision
  throw new Error(`was answered ${status}: ${text}`)
}

const block = (identifier: string) => ({ type: 'IdentifierBlocked', identifier })
const unblock = (identifier: string) => ({ type: 'IdentifierUnblocked', identifier })
const retract = (observation: number) => ({ type: 'ObservationRetracted', observation })
const limit = (kind: string, limit: number | null) => ({ type: 'SharingLimitSet', kind, limit })
const link = (type: string, ...between: string[]) => ({ type, between })

const identity = (ids: number[], emails: string[], phoneNumbers: string[]): Identity => {
  const [primaryContactId = 0, ...secondaryContactIds] = ids
  return { primaryContactId, emails, phoneNumbers, secondaryContactIds }
}

const tryPair = (ledger: Served, body: object, headers = {}) =>
  ledger.send({
    method: 'POST',
    path: '/identify?dryRun=true',
    body: JSON.stringify(body),
    headers
  })

/** The identity that holds each contact of a ledger now. */
async function identities(ledger: Served): Promise<(Identity | null)[]> {
  const all: (Identity | null)[] = []
  for (let id = 1; ; id++) {
    const { status, body } = await ledger.get(`/contacts/${id}`)
    if (status === 404) return all
    all.push((body as ContactWithIdentity).identity)
  }
}

/** What was answered of the decision and its outcomes, as the log has it. */
async function onRecord(ledger: Served, { position, outcomes }: PublishedDecision) {
  const events = (await ledger.events()).slice(position - 1)
  return events.slice(0, outcomes.length + 1).map(({ recordedAt: _, ...event }) => event)
}

/** A shop's own mailbox, typed in for whoever has none: three strangers, and a friend of the first. */
async function mailbox(t: Test): Promise<Served> {
  const ledger = await serve(t)
  await ledger.identify('info@shop.example', '111')
  await ledger.identify('info@shop.example', '222')
  await ledger.identify('info@shop.example', '333')
  await ledger.identify('doc@lab.example', '111')
  return ledger
}
const merged = identity(
  [1, 2, 3, 4],
  ['info@shop.example', 'doc@lab.example'],
  ['111', '222', '333']
)
const apart = [
  identity([1, 4], ['info@shop.example', 'doc@lab.example'], ['111']),
  identity([2], ['info@shop.example'], ['222']),
  identity([3], ['info@shop.example'], ['333'])
]

t.test('a blocked mailbox joins nobody, and unblocked it joins the same again', async (t) => {
  const ledger = await mailbox(t)
  const before = await identities(ledger)
  const blocked = await decide(ledger, block('email: INFO@shop.example'))
  t.strictSame(blocked, {
    position: 5,
    type: 'IdentifierBlocked',
    changed: true,
    before: [merged],
    after: apart,
    moved: [
      { contact: 2, from: 1, to: 2 },
      { contact: 3, from: 1, to: 3 }
    ],
    primaries: { gained: [2, 3], lost: [] },
    outcomes: [
      {
        position: 6,
        type: 'ContactsSplit',
        data: {
          identity: 1,
          parted: [
            { primary: 2, contacts: [2] },
            { primary: 3, contacts: [3] }
          ],
          cause: 5
        }
      }
    ]
  })
  const [first, ...outcomes] = await onRecord(ledger, blocked)
  const { requestId } = (first?.data ?? {}) as { requestId?: string }
  t.strictSame(
    [first, ...outcomes],
    [
      {
        position: 5,
        type: 'IdentifierBlocked',
        data: { identifier: 'email:info@shop.example', ...said, requestId }
      },
      ...blocked.outcomes
    ],
    'what is answered is on record'
  )
  t.strictSame(await identities(ledger), [apart[0], apart[1], apart[2], apart[0]])
  t.strictSame(
    (await tryPair(ledger, { email: 'info@shop.example', phoneNumber: '444' })).body,
    identity([5], ['info@shop.example'], ['444']),
    'the next customer that it is typed in for would be a stranger too'
  )

  const unblocked = await decide(ledger, unblock('email:info@shop.example'))
  t.match(unblocked, {
    position: 7,
    before: apart,
    after: [merged],
    moved: [
      { contact: 2, from: 2, to: 1 },
      { contact: 3, from: 3, to: 1 }
    ],
    primaries: { gained: [], lost: [2, 3] },
    outcomes: [
      { position: 8, type: 'ContactsMerged', data: { survivor: 1, absorbed: [2, 3], cause: 7 } }
    ]
  })
  t.strictSame(await identities(ledger), before, 'exactly the identities from before')
  t.match(await ledger.verify(), { ok: true, problems: [] })
})

t.test('a recycled phone number no longer links its old owner', async (t) => {
  const ledger = await serve(t)
  await ledger.identify('marty@hillvalley.edu', '555001')
  await ledger.identify('marty@hillvalley.edu', '555002')
  t.same(
    await ledger.identify('needles@hillvalley.edu', '555001'),
    identity([1, 2, 3], ['marty@hillvalley.edu', 'needles@hillvalley.edu'], ['555001', '555002'])
  )
  const link = ['email:marty@hillvalley.edu', 'phone:555-001']
  const made = await decide(ledger, { type: 'LinkForbidden', between: link })
  t.match(made, {
    after: [
      identity([1, 2], ['marty@hillvalley.edu'], ['555001', '555002']),
      identity([3], ['needles@hillvalley.edu'], ['555001'])
    ],
    moved: [{ contact: 3, from: 1, to: 3 }],
    outcomes: [{ type: 'ContactsSplit', data: { parted: [{ primary: 3, contacts: [3] }] } }]
  })
  t.match(await onRecord(ledger, made), [
    { data: { between: ['email:marty@hillvalley.edu', 'phone:555001'] } }
  ])
  t.equal((await ledger.identify(null, '555001')).primaryContactId, 3, 'it is the new owner’s')
  await ledger.identify('marty@hillvalley.edu', '555001')
  t.equal((await ledger.contact(1)).linkedId, null, 'an old form that is sent again joins nobody')
  t.equal((await ledger.contact(3)).linkedId, null)
})

t.test('a typo is retracted with all that followed from it', async (t) => {
  const ledger = await serve(t)
  await ledger.identify('george@hillvalley.edu', '919191')
  await ledger.identify('biffsucks@hillvalley.edu', '717171')
  const before = await identities(ledger)
  await ledger.identify('george@hillvalley.edu', '717171')
  await ledger.identify('goerge@hillvalley.edu', '919191')

  const mixUp = await decide(ledger, retract(3))
  t.match(mixUp, {
    type: 'ObservationRetracted',
    after: [
      identity([1, 3], ['george@hillvalley.edu', 'goerge@hillvalley.edu'], ['919191']),
      before[1]
    ],
    primaries: { gained: [2], lost: [] },
    outcomes: [{ type: 'ContactsSplit', data: { identity: 1, cause: mixUp.position } }]
  })
  const misspelt = await decide(ledger, retract(5))
  t.match(misspelt, {
    changed: true,
    after: [before[0]],
    moved: [{ contact: 3, from: 1, to: null }],
    primaries: { gained: [], lost: [] },
    outcomes: []
  })
  t.strictSame((await identities(ledger)).slice(0, 2), before)
  t.not((await ledger.contact(3)).deletedAt, null, 'a value that nobody has is withdrawn')
  t.match(await decide(ledger, retract(5)), { changed: false }, 'it can’t be retracted any more')
})

t.test('a pair that must never merge does not, before or after', async (t) => {
  const ledger = await serve(t)
  const [twin, other] = ['email:liz@home.example', 'email:beth@home.example']
  await ledger.identify('liz@home.example', '111')
  await ledger.identify('beth@home.example', '222')
  const forbidden = [
    link('LinkForbidden', 'email:liz@home.example', 'phone:222'),
    link('LinkForbidden', 'phone:111', other)
  ]
  for (const body of forbidden) {
    t.match(await decide(ledger, body), { changed: false, before: [], after: [], moved: [] })
  }
  t.same(
    await ledger.identify('liz@home.example', '222'),
    identity([1, 3], ['liz@home.example'], ['111', '222']),
    'an order that would have joined them joins nobody'
  )
  t.equal((await ledger.contact(2)).linkedId, null)
  const asserted = link('LinkAsserted', other, twin)
  t.match(await decide(ledger, asserted), { changed: true }, 'another link is another matter')
  t.equal((await ledger.contact(2)).linkedId, 1)
  t.match(await decide(ledger, link('LinkForbidden', twin, other)), { primaries: { gained: [2] } })
  t.match(
    await decide(ledger, asserted),
    { changed: false },
    'a prohibition is stronger than an assertion'
  )
  t.match(await decide(ledger, link('LinkAllowed', other, twin)), { primaries: { lost: [2] } })
  t.match(await decide(ledger, link('AssertionWithdrawn', other, twin)), {
    primaries: { gained: [2] }
  })
  t.match(
    await decide(ledger, link('LinkAllowed', 'phone:222', 'email:liz@home.example')),
    { after: [identity([1, 2, 3], ['liz@home.example', 'beth@home.example'], ['111', '222'])] },
    'once allowed, what was observed meanwhile joins them'
  )
  t.match(await ledger.verify(), { ok: true, problems: [] })
})

t.test('a sharing limit is chosen by dry runs, and acts on past and future', async (t) => {
  const ledger = await serve(t)
  for (const nth of [1, 2, 3, 4]) await ledger.identify('info@shop.example', `10${nth}`)
  for (const nth of [1, 2, 3]) await ledger.identify('desk@shop.example', `20${nth}`)
  await ledger.identify('doc@lab.example', '301')
  const tried = async (most: number | null) => {
    const { before } = await decide(ledger, limit('email', most), '?dryRun=true')
    return before.map(({ emails }) => emails[0])
  }
  t.same(await tried(0), ['info@shop.example', 'desk@shop.example'], 'the largest comes first')
  t.same(await tried(2), ['info@shop.example', 'desk@shop.example'])
  t.same(await tried(3), ['info@shop.example'])
  t.same(await tried(4), [])
  t.same(await tried(null), [])
  t.equal(await ledger.head(), 8, 'nothing was recorded')

  const set = await decide(ledger, limit('email', 3))
  t.match(set, { position: 9, primaries: { gained: [2, 3, 4], lost: [] } })
  t.match(await onRecord(ledger, set), [{ data: { kind: 'email', limit: 3, ...said } }])
  t.same(
    await ledger.identify('desk@shop.example', '204'),
    identity([9], ['desk@shop.example'], ['204']),
    'the one that is too many parts them all'
  )
  t.match(await ledger.events(), {
    length: 12,
    11: { type: 'ContactsSplit', data: { identity: 5 } }
  })
  const lifted = await decide(ledger, limit('email', null))
  t.match(lifted, { primaries: { gained: [], lost: [2, 3, 4, 6, 7, 9] }, outcomes: { length: 2 } })
  t.match(await decide(ledger, limit('phone', 0)), { changed: false })
  t.match(await ledger.verify(), { ok: true, problems: [] })
})

t.test('deciding what holds already is recorded and changes nothing', async (t) => {
  const ledger = await mailbox(t)
  const bodies = [
    unblock('phone:111'),
    link('LinkAllowed', 'phone:111', 'email:info@shop.example'),
    link('AssertionWithdrawn', 'phone:111', 'phone:222'),
    link('LinkAsserted', 'phone:111', 'email:info@shop.example'),
    limit('phone', null),
    limit('email', 1_000)
  ]
  for (const [nth, body] of bodies.entries()) {
    t.strictSame(
      await decide(ledger, body),
      {
        position: 5 + nth,
        type: body.type,
        changed: false,
        before: [],
        after: [],
        moved: [],
        primaries: { gained: [], lost: [] },
        outcomes: []
      },
      body.type
    )
  }
  t.equal(await ledger.head(), 4 + bodies.length)
  await decide(ledger, block('email:info@shop.example'))
  t.match(await decide(ledger, block('email:info@shop.example')), { changed: false })
})

t.test('a dry run answers as the real run that follows it, and writes nothing', async (t) => {
  const ledger = await mailbox(t)
  const bodies = [
    block('email:info@shop.example'),
    block('email:info@shop.example'),
    link('LinkForbidden', 'phone:111', 'email:doc@lab.example'),
    link('LinkAsserted', 'phone:222', 'phone:333'),
    retract(2),
    unblock('email:info@shop.example'),
    link('LinkAllowed', 'phone:111', 'email:doc@lab.example'),
    limit('email', 1),
    link('AssertionWithdrawn', 'phone:222', 'phone:333'),
    limit('email', null)
  ]
  for (const [nth, body] of bodies.entries()) {
    const [head, before] = [await ledger.head(), await identities(ledger)]
    const tried = await decide(ledger, body, '?dryRun=true')
    t.strictSame(
      [await ledger.head(), await identities(ledger)],
      [head, before],
      `${nth}: as before`
    )
    t.strictSame(await decide(ledger, body, '?dryRun=false'), tried, `${nth}: ${body.type}`)
    t.equal(await ledger.head(), head + 1 + tried.outcomes.length)
  }
})

t.test('a request to identify can be tried too', async (t) => {
  const ledger = await mailbox(t)
  const pairs = [
    { email: 'new@lab.example', phoneNumber: '999' },
    { email: 'new@lab.example', phoneNumber: '111' },
    { email: 'doc@lab.example', phoneNumber: '111' },
    { phoneNumber: '555' }
  ]
  for (const blocked of [false, true]) {
    if (blocked) await decide(ledger, block('email:info@shop.example'))
    for (const body of pairs) {
      const head = await ledger.head()
      const { status, text } = await tryPair(ledger, body)
      t.equal(await ledger.head(), head, 'nothing was recorded')
      const real = await ledger.post(body)
      t.strictSame([status, text], [real.status, real.text], real.text)
      t.ok((await ledger.head()) > head)
    }
  }
  const key = { 'idempotency-key': 'order-1' }
  const body = { email: 'key@lab.example' }
  const { text } = await tryPair(ledger, body, key)
  t.equal((await ledger.post(body, key)).text, text, 'a key that was only tried is still free')
  t.equal((await tryPair(ledger, body, key)).text, text, 'the same request again')
  refused(t, await tryPair(ledger, { phoneNumber: '1' }, key), 422, 'another under its key')
  refused(t, await tryPair(ledger, {}), 400, 'nothing to identify', [''])
  for (const dryRun of ['', '1', 'yes', 'TRUE', '%20true', 'null', 'true&dryRun=true']) {
    const path = `/identify?dryRun=${dryRun}`
    const answer = await ledger.send({ method: 'POST', path, body: JSON.stringify(body) })
    refused(t, answer, 400, path, ['/dryRun'])
  }
})

t.test('only what is known can be decided on', async (t) => {
  const ledger = await mailbox(t)
  await decide(ledger, block('email:info@shop.example'))
  const unknown = [
    ...[retract(5), retract(6), retract(7), retract(Number.MAX_SAFE_INTEGER)],
    ...[block('email:nobody@lab.example'), unblock('phone:+111')],
    link('LinkForbidden', 'email:doc@lab.example', 'email:nobody@lab.example'),
    link('LinkAllowed', 'phone:999', 'email:doc@lab.example'),
    link('LinkAsserted', 'phone:999', 'phone:998'),
    link('AssertionWithdrawn', 'phone:999', 'phone:111')
  ]
  for (const body of unknown) {
    for (const query of ['', '?dryRun=true']) {
      refused(t, await send(ledger, { ...body, ...said }, query), 404, JSON.stringify(body))
    }
  }
  t.equal(await ledger.head(), 6)
})

t.test('a malformed decision is refused with all that is wrong with it', async (t) => {
  const ledger = await mailbox(t)
  const good = block('email:info@shop.example')
  const pair = ['phone:111', 'phone:222']
  const malformed: [body: unknown, ...at: string[]][] = [
    [[], ''],
    ['IdentifierBlocked', ''],
    [null, ''],
    [{}, '/type'],
    [said, '/type'],
    [{ ...good, ...said, type: 'identifierBlocked' }, '/type'],
    [{ ...good, ...said, type: 'ContactObserved' }, '/type'],
    [{ ...good, ...said, type: '__proto__' }, '/type'],
    [{ ...good, ...said, type: null }, '/type'],
    [{ ...good, ...said, type: ['IdentifierBlocked'] }, '/type'],
    [{ type: 'IdentifierBlocked' }, '/actor', '/identifier', '/reason'],
    [good, '/actor', '/reason'],
    [{ ...good, actor: 'ann' }, '/reason'],
    [{ ...good, ...said, actor: null }, '/actor'],
    [{ ...good, ...said, reason: 7 }, '/reason'],
    [{ ...good, actor: ' ', reason: '\n\t' }, '/actor', '/reason'],
    [{ ...good, actor: 'a'.repeat(201), reason: 'r'.repeat(2_001) }, '/actor', '/reason'],
    [{ ...good, ...said, dryRun: true }, '/dryRun'],
    [{ ...good, ...said, between: pair }, '/between'],
    ...['', 'info@shop.example', 'contact:1', 'email:', 'email: ', 'email:info', 'phone:', 'fax:1']
      .concat('phone:abc', 'Email:info@shop.example', ' email:info@shop.example', 'email')
      .map((identifier): [unknown, string] => [{ ...block(identifier), ...said }, '/identifier']),
    ...[null, 1, ['email:info@shop.example'], {}].map((identifier): [unknown, string] => [
      { ...good, ...said, identifier },
      '/identifier'
    ]),
    ...[0, -1, 1.5, '1', null, 2 ** 53, [1]].map((observation): [unknown, string] => [
      { type: 'ObservationRetracted', observation, ...said },
      '/observation'
    ]),
    [{ ...limit('fax', 1), ...said }, '/kind'],
    [{ type: 'SharingLimitSet', kind: 'email', ...said }, '/limit'],
    ...[-1, 0.5, '5', 'none', 2 ** 53].map((most): [unknown, string] => [
      { type: 'SharingLimitSet', kind: 'phone', limit: most, ...said },
      '/limit'
    ])
  ]
  for (const type of ['LinkForbidden', 'LinkAllowed', 'LinkAsserted', 'AssertionWithdrawn']) {
    malformed.push(
      [{ type, ...said }, '/between'],
      [{ type, between: 'phone:111', ...said }, '/between'],
      [{ type, between: [], ...said }, '/between'],
      [{ type, between: ['phone:111'], ...said }, '/between'],
      [{ type, between: [...pair, 'phone:333'], ...said }, '/between'],
      [{ type, between: ['phone:111', '222'], ...said }, '/between/1'],
      [{ type, between: ['phone:', 222], ...said }, '/between/1'],
      [{ type, between: ['phone:', 'x'], ...said }, '/between/0', '/between/1'],
      [{ type, between: ['x', 'phone:1'], actor: '', reason: 'r' }, '/actor', '/between/0'],
      [{ type, between: ['phone:111', 'phone: 1-1-1'], ...said }, '/between'],
      [{ type, between: ['email:no@body.example', 'email:NO@body.example'], ...said }, '/between']
    )
  }
  const sorted = (answer: Answered): Answered => {
    const { errors = [], ...told } = answer.body as { errors?: { path: string }[] }
    return {
      ...answer,
      body: { ...told, errors: errors.sort((a, b) => (a.path < b.path ? -1 : 1)) }
    }
  }
  for (const [body, ...at] of malformed) {
    const claim = JSON.stringify(body).slice(0, 120)
    refused(t, sorted(await send(ledger, body)), 400, claim, at)
  }
  const typo = await send(ledger, { ...good, ...said, type: 'Blocked' })
  t.match(typo.body, { errors: [{ message: /one of .*IdentifierBlocked.*SharingLimitSet/ }] })
  t.equal(await ledger.head(), 4, 'nothing was recorded')
})

t.test('a slip in the query makes no dry run a real one', async (t) => {
  const ledger = await mailbox(t)
  const body = { ...block('email:info@shop.example'), ...said }
  const slips = ['dryRun', 'dryRun=', 'dryRun=1', 'dryRun=yes', 'dryRun=True', 'dryRun=true,true']
  for (const slip of [...slips, 'dryRun=true&dryRun=true']) {
    refused(t, await send(ledger, body, `?${slip}`), 400, slip, ['/dryRun'])
  }
  refused(t, await send(ledger, body, '?dryrun=true'), 400, 'dryrun', ['/dryrun'])
  refused(t, await send(ledger, body, '?dry_run=true'), 400, 'dry_run', ['/dry_run'])
  t.equal(await ledger.head(), 4)
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await ledger.send({ method, path: '/decisions' })
    refused(t, answer, 405, method)
    t.equal(answer.headers['allow'], 'POST')
  }
})

t.test('the words of a decision are kept, but for blanks around them', async (t) => {
  const ledger = await mailbox(t)
  const [actor, reason] = ['å'.repeat(200), `“never” \u{1f4a9}\n${'r'.repeat(1_900)}`]
  const body = { ...block('phone:111'), actor: ` ${actor}\n`, reason: `\t${reason} ` }
  t.equal((await send(ledger, body)).status, 200)
  t.match((await ledger.events()).at(4)?.data, { actor, reason })
})

t.test('an identifier is read in the region of the ledger', async (t) => {
  const ledger = await serve(t, silent, { phoneRegion: 'US' })
  await ledger.identify('marty@hillvalley.edu', '(702) 919-1300')
  const made = await decide(ledger, block('phone:702-919-1300'))
  t.match(await onRecord(ledger, made), [{ data: { identifier: 'phone:+17029191300' } }])
  const itself = link('LinkForbidden', 'phone:7029191300', 'phone:+1 702 919 1300')
  refused(t, await send(ledger, { ...itself, ...said }), 400, 'one number', ['/between'])
})

t.test('decisions survive a restart and a rebuild', async (t) => {
  const ledgerDir = freshFolder(t)
  const config = { ledgerDir }
  const first = await serve(t, silent, config)
  await first.identify('info@shop.example', '111')
  await first.identify('info@shop.example', '222')
  await decide(first, block('email:info@shop.example'))
  await decide(first, link('LinkAsserted', 'phone:111', 'phone:222'))
  await decide(first, limit('email', 0))
  await decide(first, retract(2))
  const before = await identities(first)
  await first.stop()

  const log = readLog({ ledgerDir } as Parameters<typeof readLog>[0])
  t.match(await compare(log, filesOf(config).readModel), { problem: null })
  await log.close()
  const again = await serve(t, silent, config)
  t.strictSame(await identities(again), before)
  t.match(await decide(again, block('email:info@shop.example')), { changed: false })
  t.match(await decide(again, limit('email', 0)), { changed: false })
  t.match(await decide(again, retract(2)), { changed: false })
  t.match(await again.verify(), { ok: true, problems: [] })
})

t.test(
  'decisions and requests that come at once are all recorded, one after the other',
  async (t) => {
    const ledger = await mailbox(t)
    const asked = Array.from({ length: 60 }, (_, nth) => {
      if (nth % 3 === 0) return decide(ledger, block('email:info@shop.example'))
      if (nth % 3 === 1) return decide(ledger, unblock('email:info@shop.example'))
      return ledger.identify('info@shop.example', `9${nth}`)
    })
    const made = (await Promise.all(asked)).filter((one): one is PublishedDecision => 'type' in one)
    const positions = new Set(made.map(({ position }) => position))
    t.equal(positions.size, 40, 'each stands at its own position')
    const events = await ledger.events()
    for (const { position, type, outcomes } of made) {
      const [event, ...rest] = events.slice(position - 1, position + outcomes.length)
      t.equal(event?.type, type)
      t.match(rest, outcomes)
    }
    t.match(await ledger.verify(), { ok: true, problems: [] })
  }
)
