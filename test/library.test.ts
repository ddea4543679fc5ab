import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import { LedgerError, openLedger } from '../scripts/library.ts'
import { startService } from '../scripts/service.ts'
import { readConfig } from '../src/config.ts'
import { freshFolder } from './support/process.ts'

const pairs = [
  { email: 'george@hillvalley.edu', phoneNumber: '(702) 919-1300' },
  { email: 'biffsucks@hillvalley.edu', phoneNumber: 717171 },
  { email: 'George@hillvalley.edu ', phoneNumber: '717171' }
]

t.test('in process the ledger answers what the service answers', async (t) => {
  const dir = join(freshFolder(t), 'ledger')
  const ledger = await openLedger({ dir, phoneRegion: 'US' })
  for (const pair of pairs) await ledger.identify(pair, { requestId: 'a.1' })
  await ledger.identify({ email: 'doc@lab.example' }, { observedAt: new Date('2015-10-21') })
  const blocked = { type: 'IdentifierBlocked', identifier: 'phone:717171' } as const
  await ledger.decide({ ...blocked, actor: 'ann', reason: 'a shared phone' })
  const at = { asOf: 4 }
  const told = {
    '/contacts/2': await ledger.contact(2),
    '/contacts/2?asOf=4': await ledger.contact(2, at),
    '/contacts?phoneNumber=7029191300': await ledger.identityOf({ phoneNumber: '7029191300' }),
    '/contacts?phoneNumber=717171&asOf=4': await ledger.identityOf({ phoneNumber: 717171 }, at),
    '/why?from=contact:1&to=contact:2': await ledger.why('contact:1', 'contact:2'),
    '/why?from=contact:1&to=contact:2&asOf=4': await ledger.why('contact:1', 'contact:2', at),
    '/contacts/1/history?limit=2': await ledger.history(1, { limit: 2 }),
    '/identities/1/graph': await ledger.graph(1),
    '/identifiers/phone:717171': await ledger.identifier('phone:717171'),
    '/events?after=1&limit=3': await ledger.events({ after: 1, limit: 3 }),
    '/stats': await ledger.stats()
  }
  const followed: number[] = []
  for await (const { position } of ledger.follow({ after: 2 })) {
    followed.push(position)
    if (position === 6) void ledger.close()
  }
  t.same(followed, [3, 4, 5, 6, 7], 'it can be followed, to its end')
  await ledger.close()
  const settings = { LEDGER_DIR: dir, PORT: '0', PHONE_REGION: 'US' }
  const running = await startService(readConfig(settings), pino({ level: 'silent' }))
  t.teardown(() => running.stop())
  while ((await fetch(`${running.url}/health/ready`)).status !== 200);
  for (const [path, answer] of Object.entries(told)) {
    t.same(await (await fetch(running.url + path)).json(), answer, path)
  }
})

t.test('it refuses as the service does', async (t) => {
  const dir = freshFolder(t)
  const ledger = await openLedger({ dir })
  t.teardown(() => ledger.close())
  await ledger.identify({ phoneNumber: '111' }, { idempotencyKey: 'order-1' })
  const said = { actor: 'ann', reason: 'a test' }
  const refusals: [() => Promise<unknown>, string, string | undefined][] = [
    [() => ledger.identify({}), 'invalid', ''],
    [() => ledger.identify({ email: 'doc' }), 'invalid', '/email'],
    [
      () => ledger.identify({ email: 'a@b' }, { idempotencyKey: 'ä' }),
      'invalid',
      '/idempotencyKey'
    ],
    [
      () => ledger.identify({ email: 'a@b' }, { idempotencyKey: 'order-1' }),
      'key_reused',
      undefined
    ],
    [
      () => ledger.identify({ email: 'a@b' }, { observedAt: new Date('x') }),
      'invalid',
      '/observedAt'
    ],
    [() => ledger.decide({ type: 'Nothing', ...said } as never), 'invalid', '/type'],
    [
      () => ledger.decide({ type: 'IdentifierBlocked', ...said } as never),
      'invalid',
      '/identifier'
    ],
    [
      () => ledger.decide({ type: 'IdentifierBlocked', identifier: 'phone:9', ...said }),
      'not_found',
      '/identifier'
    ],
    [() => ledger.identify(null as never), 'invalid', ''],
    [() => ledger.identify('a@b' as never), 'invalid', ''],
    [() => ledger.contact(1, null as never), 'invalid', ''],
    [() => ledger.contact('1' as never), 'invalid', '/contact'],
    [() => ledger.contact(1, { asOf: new Date('x') }), 'invalid', '/asOf'],
    [() => ledger.events(5 as never), 'invalid', ''],
    [() => ledger.history(1, null as never), 'invalid', ''],
    [() => ledger.follow({ after: -1 })[Symbol.asyncIterator]().next(), 'invalid', '/after'],
    [() => ledger.identifier('nobody'), 'invalid', '/identifier'],
    [() => ledger.events({ limit: 1_001 }), 'invalid', '/limit'],
    [() => ledger.events({ after: 0.5 }), 'invalid', '/after'],
    [() => ledger.history(1, { limit: 0 }), 'invalid', '/limit'],
    [() => ledger.why('contact:1', 'nobody'), 'invalid', '/to'],
    [() => ledger.graph(9), 'not_found', undefined],
    [() => openLedger({ dir }), 'cannot_open', undefined],
    [() => openLedger({ dir, phoneRegion: 'Mars' }), 'invalid', 'PHONE_REGION']
  ]
  for (const [ask, code, path] of refusals) {
    const error = await ask().catch((error) => error)
    const told = error instanceof LedgerError ? [error.code, error.problems[0]?.path] : error
    t.same(told, [code, path], String(ask))
  }
  t.equal((await ledger.status()).head, 1, 'nothing was recorded')
  t.equal(await ledger.contact(9), null)
  t.equal(await ledger.identifier('phone:9'), null)
  t.match(
    await ledger.identify({ phoneNumber: '222' }, { dryRun: true }),
    { primaryContactId: 2 },
    'what would be answered can be asked'
  )
  t.equal((await ledger.status()).head, 1)
})

t.test(
  'what goes on record with a fact or a decision is what the log can read again',
  async (t) => {
    const dir = freshFolder(t)
    const ledger = await openLedger({ dir })
    const pair = { email: 'doc@lab.example' }
    const odd: Record<string, unknown>[] = [
      { idempotencyKey: 5 },
      { source: 5 },
      { source: 'x'.repeat(101) },
      { requestId: 5 },
      { correlationId: {} },
      { observedAt: '2015-10-21' }
    ]
    for (const options of odd) {
      const refusal = { code: 'invalid', problems: [{ path: `/${Object.keys(options)[0]}` }] }
      await t.rejects(ledger.identify(pair, options), refusal, JSON.stringify(options))
    }
    const decision = { type: 'IdentifierBlocked', actor: 'ann', reason: 'a test' } as const
    const blocked = { ...decision, identifier: 'email:doc@lab.example' }
    t.equal((await ledger.status()).head, 0, 'nothing was recorded')
    // As JavaScript gives them, or a variable that holds more.
    const more = { observedat: new Date(), type: 'Nothing', requestId: 'a.1' }
    await ledger.identify(pair, more)
    await t.rejects(ledger.decide(blocked, { requestId: 5 } as never), { code: 'invalid' })
    await ledger.decide(blocked, { idempotencyKey: 'order-1' } as never)
    const { events } = await ledger.events()
    t.match(events, [{ data: { requestId: 'a.1' } }, { type: 'IdentifierBlocked' }])
    await ledger.close()
    await (await openLedger({ dir })).close()
  }
)

t.test('what is asked before it closes is answered, and nothing after', async (t) => {
  const ledger = await openLedger({ dir: join(freshFolder(t), 'ledger') })
  for (const pair of pairs) await ledger.identify(pair)
  const asked = [
    ledger.contact(1),
    ledger.stats(),
    ledger.identify(pairs[0] ?? {}, { dryRun: true })
  ]
  await ledger.close()
  t.match(await Promise.all(asked), [
    { contact: { id: 1 } },
    { contacts: 2 },
    { primaryContactId: 1 }
  ])
  const late = [
    ledger.contact(1),
    ledger.contact(1, { asOf: new Date() }),
    ledger.history(1),
    ledger.events(),
    ledger.identify(pairs[0] ?? {})
  ]
  for (const { reason } of (await Promise.allSettled(late)) as PromiseRejectedResult[]) {
    t.ok(reason instanceof LedgerError)
    t.match(reason, { code: 'unavailable' })
  }
})
