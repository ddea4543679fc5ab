import { rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import pino from 'pino'
import t, { type Test } from 'tap'
import type { Scope } from '../../src/http/keyring.ts'
import { bearing, keyFile } from '../support/keys.ts'
import { type Answered, type Asked, refused, type Served, serve } from '../support/service.ts'

const block = { type: 'IdentifierBlocked', identifier: 'email:doc@lab.example', reason: 'a test' }
const decision = JSON.stringify(block)
const json = { 'content-type': 'application/json' }
const lines = { 'content-type': 'application/x-ndjson' }
const seen = JSON.stringify({ email: 'doc@lab.example', phoneNumber: '111' })

/** A request to every route, and the scope that it needs. */
const routes: readonly (readonly [needs: Scope, asked: Asked])[] = [
  ['identify', { method: 'POST', path: '/identify', headers: json, body: seen }],
  ['identify', { method: 'POST', path: '/identify/batch', headers: lines, body: seen }],
  ['read', { path: '/contacts/1' }],
  ['read', { path: '/contacts?email=doc@lab.example' }],
  ['read', { path: '/contacts/1/history' }],
  ['read', { path: '/identities/1/graph' }],
  ['read', { path: '/events' }],
  ['read', { path: '/why?from=contact:1&to=contact:1' }],
  ['read', { path: '/stats' }],
  ['decide', { method: 'POST', path: '/decisions', headers: json, body: decision }]
]

/** A service with a key file and the lines of its log, and what a request with a token is answered. */
async function guarded(t: Test) {
  const file = keyFile(t)
  const admin = await file.add('root', 'admin')
  const lines: string[] = []
  const logger = pino({}, { write: (line) => void lines.push(line) })
  const ledger = await serve(t, logger, { apiKeysFile: file.path })
  const send = (asked: Asked, token: string) =>
    ledger.send({ ...asked, headers: { ...asked.headers, ...bearing(token) } })
  t.equal((await send(routes[0]?.[1] as Asked, admin)).status, 200)
  return { file, ledger, lines, admin, send }
}

/** Waits until a question has this answer. */
async function until(ask: () => Promise<Answered>, status: number) {
  while ((await ask()).status !== status) await pause(50)
}

const asked = (asked: Asked) => `${asked.method ?? 'GET'} ${asked.path}`

t.test('whoever brings no key learns nothing', async (t) => {
  const { ledger, admin, send } = await guarded(t)
  const wrong = [
    `${admin.slice(0, -1)}${admin.endsWith('A') ? 'B' : 'A'}`,
    admin.slice(4),
    admin.toLowerCase(),
    `${admin}A`,
    'idl_',
    ''
  ]
  for (const [, route] of routes) {
    const without = await ledger.send(route)
    refused(t, without, 401, `${asked(route)} without a key`)
    t.equal(without.headers['www-authenticate'], 'Bearer')
    for (const token of wrong) {
      const answer = await send(route, token)
      refused(t, answer, 401, `${asked(route)} with a key that is none`)
      t.equal(answer.headers['www-authenticate'], 'Bearer error="invalid_token"')
      if (token !== '') t.notOk(answer.text.includes(token), 'it is not repeated')
    }
    const basic = { ...route.headers, authorization: `Basic ${admin}` }
    refused(t, await ledger.send({ ...route, headers: basic }), 401, 'nor by another scheme')
  }
})

t.test('a key is good for its scopes and no other, and admin is good for all', async (t) => {
  const { file, ledger, admin, send } = await guarded(t)
  const tokens = new Map<Scope, string>()
  for (const scope of ['identify', 'read', 'decide'] as const) {
    tokens.set(scope, await file.add(scope, scope))
  }
  const idle = await file.add('idle')
  await until(() => send({ path: '/stats' }, idle), 403)
  for (const [needs, route] of routes) {
    for (const [scope, token] of tokens) {
      const answer = await send(route, token)
      if (scope === needs) t.equal(answer.status, 200, `${scope} opens ${asked(route)}`)
      else {
        refused(t, answer, 403, `${scope} does not open ${asked(route)}`)
        t.equal(
          answer.headers['www-authenticate'],
          `Bearer error="insufficient_scope", scope="${needs}"`
        )
      }
    }
    t.equal((await send(route, admin)).status, 200, `admin opens ${asked(route)}`)
    refused(t, await send(route, idle), 403, `a key without scopes does not open ${asked(route)}`)
  }
  const both = await file.add('both', 'identify', 'read')
  await until(() => send({ path: '/stats' }, both), 200)
  t.equal((await send(routes[0]?.[1] as Asked, both)).status, 200, 'a key may have two')
  t.equal((await ledger.get('/health/live')).status, 200, 'whether it lives is told to all')
  t.equal((await ledger.get('/health/ready')).status, 200, 'and whether it is ready')
  refused(t, await ledger.get('/nowhere'), 404, 'what is not there is not there for anybody')
})

t.test('a revoked key stops working without a restart, and a new one works', async (t) => {
  const { file, ledger, send } = await guarded(t)
  const shop = await file.add('shop', 'read')
  await until(() => send({ path: '/stats' }, shop), 200)
  await file.revoke('shop')
  await until(() => send({ path: '/stats' }, shop), 401)
  const again = await file.add('shop', 'read')
  await until(() => send({ path: '/stats' }, again), 200)
  t.equal((await send({ path: '/stats' }, shop)).status, 401, 'the name alone brings nothing back')
  t.equal((await ledger.get('/health/ready')).status, 200)
})

t.test('what goes on for long ends with its key', async (t) => {
  const { file, ledger, send } = await guarded(t)
  const shop = await file.add('shop', 'read', 'identify')
  await until(() => send({ path: '/stats' }, shop), 200)
  const feed = await fetch(`http://127.0.0.1:${ledger.port}/events`, {
    headers: { ...bearing(shop), accept: 'text/event-stream' }
  })
  const batch = openBatch(ledger.port, shop)
  t.match(await batch.answered, /"status":200/)
  await file.revoke('shop')
  t.match(await feed.text(), /ContactObserved/, 'a feed has an end')
  await batch.closed
  t.pass('a batch that is not at its end is cut')
})

t.test('a damaged key file changes nothing, one that is gone takes all keys', async (t) => {
  const { file, lines, admin, send } = await guarded(t)
  const stats: Asked = { path: '/stats' }
  writeFileSync(file.path, '{"keys": [')
  while (!lines.some((line) => line.includes('the previous keys apply'))) await pause(50)
  t.equal((await send(stats, admin)).status, 200, 'a slip of the pen locks nobody out')
  rmSync(file.path)
  await until(() => send(stats, admin), 401)
})

t.test('a decision is that of its key, and of nobody else', async (t) => {
  const { file, admin, ledger, send } = await guarded(t)
  const post = (body: object, token = admin): Promise<Answered> =>
    send({ method: 'POST', path: '/decisions', headers: json, body: JSON.stringify(body) }, token)
  t.equal((await post(block)).status, 200, 'the actor may be left out')
  t.equal((await post({ ...block, actor: ' root' })).status, 200, 'and may be told')
  refused(t, await post({ ...block, actor: 'ann' }), 400, 'but is no other', ['/actor'])
  refused(t, await post({ ...block, actor: null }), 400, 'nor anything else', ['/actor'])
  refused(t, await post([]), 400, 'whatever is sent', [''])
  const ann = await file.add('ann', 'decide')
  await until(() => post({ ...block, type: 'IdentifierUnblocked' }, ann), 200)
  t.same(await actors(ledger, admin), ['root', 'root', 'ann'])
})

/** A batch whose first line is answered and whose end does not come. */
function openBatch(port: number, token: string) {
  const sent = request({ port, method: 'POST', path: '/identify/batch', headers: bearing(token) })
  sent.setHeader('content-type', 'application/x-ndjson')
  sent.write(`${seen}\n`)
  const closed = new Promise((resolve) => sent.once('close', resolve).on('error', () => {}))
  const answered = new Promise<string>((resolve) => {
    sent.once('response', (response) => {
      response
        .setEncoding('utf8')
        .once('data', resolve)
        .on('error', () => {})
    })
  })
  return { answered, closed }
}

async function actors(ledger: Served, token: string) {
  const { body } = await ledger.send({ path: '/events', headers: bearing(token) })
  const { events } = body as { events: { data: { actor?: string } }[] }
  return events.flatMap(({ data }) => data.actor ?? [])
}
