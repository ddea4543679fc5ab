import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pino from 'pino'
import t from 'tap'
import { bearing, keyFile } from '../support/keys.ts'
import { type Answered, type Served, serve } from '../support/service.ts'

/** What `/metrics` tells, by name and labels. */
async function measured(ledger: Served): Promise<Map<string, number>> {
  const { text } = await ledger.get('/metrics')
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    })
  )
}

t.test('the ledger is told in numbers', async (t) => {
  const ledger = await serve(t)
  t.match(await measured(ledger), new Map([['ledger_largest_identity_contacts', 0]]))
  await ledger.identify('george@hillvalley.edu', '919191')
  t.equal((await measured(ledger)).get('ledger_largest_identity_contacts'), 1)
  await ledger.identify('biff@hillvalley.edu', '717171')
  await ledger.identify('george@hillvalley.edu', '717171')
  await ledger.identify('doc@hillvalley.edu')
  const blocked = JSON.stringify({
    type: 'IdentifierBlocked',
    identifier: 'phone:717171',
    actor: 'ann',
    reason: 'a test'
  })
  const merged = await measured(ledger)
  t.equal(merged.get('ledger_contacts'), 3)
  t.equal(merged.get('ledger_identities'), 2)
  t.equal(merged.get('ledger_largest_identity_contacts'), 2)
  t.equal((await ledger.send({ method: 'POST', path: '/decisions', body: blocked })).status, 200)
  // Until the read model has been written, in a pause.
  while ((await measured(ledger)).get('ledger_read_model_lag_events') !== 0) await pause(5)
  const told = await measured(ledger)
  const expected = {
    ledger_ready: 1,
    ledger_queue_length: 0,
    ledger_log_head: 7,
    ledger_contacts: 3,
    ledger_identities: 3,
    ledger_largest_identity_contacts: 1,
    ledger_merges_total: 1,
    ledger_splits_total: 1,
    'ledger_events_total{type="ContactObserved"}': 4,
    'ledger_events_total{type="LinkForbidden"}': 0,
    ledger_append_duration_seconds_count: 5,
    ledger_batch_events_sum: 7
  }
  t.match(Object.fromEntries(told), expected)
  t.ok(told.has('nodejs_eventloop_lag_seconds'), 'Node tells of itself too')
})

t.test('requests are counted by route and status, and what is refused once more', async (t) => {
  const ledger = await serve(t)
  await ledger.identify('george@hillvalley.edu')
  await ledger.post({ email: 'none' })
  await ledger.get('/contacts/1')
  await ledger.get('/contacts/9')
  await ledger.get('/george@hillvalley.edu')
  await ledger.send({
    method: 'POST',
    path: '/identify/batch',
    headers: { 'content-type': 'application/x-ndjson' },
    body: '{"email":"doc@lab.example"}\n{"email":"doc"}\n{}\n'
  })
  await ledger.raw('nonsense\r\n\r\n')
  const told = Object.fromEntries(await measured(ledger))
  const requests = (method: string, route: string, status: number) =>
    told[
      `http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`
    ]
  t.equal(requests('POST', '/identify', 200), 1)
  t.equal(requests('POST', '/identify', 400), 1)
  t.equal(requests('GET', '/contacts/:id', 200), 1)
  t.equal(requests('GET', '/contacts/:id', 404), 1)
  t.equal(requests('GET', 'none', 404), 1)
  t.equal(requests('POST', '/identify/batch', 200), 1)
  t.match(told, {
    'http_refusals_total{what="request",status="400"}': 1,
    'http_refusals_total{what="request",status="404"}': 2,
    'http_refusals_total{what="line",status="400"}': 2,
    'http_refusals_total{what="connection",status="400"}': 1
  })
})

t.test('any key opens the metrics, and none does not', async (t) => {
  const file = keyFile(t)
  const [shop, idle] = [await file.add('shop', 'identify'), await file.add('prometheus')]
  const ledger = await serve(t, undefined, { apiKeysFile: file.path, rateLimit: 1 })
  const ask = (token: string) => ledger.send({ path: '/metrics', headers: bearing(token) })
  t.equal((await ledger.get('/metrics')).status, 401)
  t.match(await ask(shop), { status: 200, headers: { 'content-type': /^text\/plain; version=0/ } })
  for (const _ of 'abc') t.equal((await ask(idle)).status, 200, 'as often as it likes')
})

t.test('the value of no identifier is in a metric, a log line or an error', async (t) => {
  const lines: string[] = []
  const logger = pino({ level: 'trace' }, { write: (line) => void lines.push(line) })
  const ledger = await serve(t, logger)
  const secrets = [
    'zaphod.beeblebrox@magrathea.example',
    '"><img src=x onerror=alert(1)>@magrathea.example',
    "'; drop table events; --@magrathea.example",
    '%7bzaphod%7d@magrathea.example',
    '{zaphod="1"}@magrathea.example',
    '../../zaphod@magrathea.example',
    '\u202ezaphod@magrathea.example',
    '+49630917208413',
    '0049-6309-1720-8413'
  ]
  const errors: Answered[] = []
  const ask = async (asked: Promise<Answered>) => {
    const answer = await asked
    if (answer.status >= 400) errors.push(answer)
  }
  const json = { 'content-type': 'application/json' }
  for (const secret of secrets) {
    const kind = secret.includes('@') ? 'email' : 'phone'
    const encoded = encodeURIComponent(secret)
    await ask(ledger.post({ [kind === 'email' ? 'email' : 'phoneNumber']: secret }))
    await ask(ledger.post({ email: `${secret}@@`, phoneNumber: `${secret}x` }))
    await ask(ledger.post({ email: [secret], phoneNumber: { secret } }))
    await ask(ledger.post(`{"email":"${secret}`))
    await ask(
      ledger.post({ email: secret }, { 'idempotency-key': secret.replaceAll(/[^!-~]/g, '') })
    )
    await ask(
      ledger.post({ email: 'a@b' }, { 'idempotency-key': secret.replaceAll(/[^!-~]/g, '') })
    )
    await ask(ledger.post({ email: 'a@b' }, { 'x-request-id': encoded, traceparent: encoded }))
    for (const path of [
      '/contacts',
      '/contacts/',
      '/why',
      '/events',
      '/stats',
      '/identities/',
      '/'
    ]) {
      await ask(ledger.get(`${path}${encoded}`))
      await ask(ledger.get(`${path}?email=${encoded}&phoneNumber=${encoded}9&type=${encoded}`))
      await ask(ledger.get(`${path}?from=${encoded}&to=${kind}:x${encoded}&asOf=${encoded}`))
      await ask(ledger.get(`${path}?from=${kind}:9${encoded}&to=${kind}:9${encoded}`))
    }
    for (const identifier of [secret, `${kind}:9${secret}`, `fax:${secret}`]) {
      const said = { actor: 'ann', reason: 'a test', [secret]: secret }
      for (const about of [{ identifier }, { between: [identifier, `email:x${secret}`] }, said]) {
        const type = 'between' in about ? 'LinkAsserted' : 'IdentifierBlocked'
        const body = JSON.stringify({ type, ...about, actor: 'ann', reason: 'a test' })
        await ask(ledger.send({ method: 'POST', path: '/decisions', headers: json, body }))
      }
    }
    const batch = { 'content-type': 'application/x-ndjson' }
    const body = `{"email":"${secret}@"}\n${secret}\n`
    await ledger.send({ method: 'POST', path: '/identify/batch', headers: batch, body })
    await ledger.raw(`GET /${secret} HTTP/1.1\r\nhost: ${secret}\r\n\r\n`)
    await ledger.raw(`${secret} / HTTP/1.1\r\n\r\n`)
  }
  t.ok(errors.length > 200 && lines.length > 200, `${errors.length} errors, ${lines.length} lines`)
  const { text: metrics } = await ledger.get('/metrics')
  const shown = { metrics, logs: lines.join(''), errors: errors.map(({ text }) => text).join('') }
  for (const [where, text] of Object.entries(shown)) {
    // The digits are many and don't repeat, since a figure may well be 0.0175…2424242.
    const parts = ['magrathea', 'zaphod', 'onerror', 'drop table', '630917208413', '6309-1720']
    for (const secret of parts) {
      const at = text.indexOf(secret)
      t.equal(at, -1, `${where}: ${text.slice(Math.max(0, at - 200), at + 50)}`.slice(0, 300))
    }
  }
})

t.test('the dashboard and the alerts ask for what there is', async (t) => {
  const ledger = await serve(t)
  await ledger.identify('doc@lab.example')
  await ledger.get('/nowhere')
  const { text } = await ledger.get('/metrics')
  const names = new Set(
    [...text.matchAll(/^([a-z_]+)/gm)].map(([, name]) => name?.replace(/_(bucket|sum|count)$/, ''))
  )
  const own = [...text.matchAll(/^# TYPE ((?:ledger|http)_\w+)/gm)].map(([, name]) => name)
  const docs = join(import.meta.dirname, '../../docs')
  const dashboard = readFileSync(join(docs, 'grafana.json'), 'utf8')
  const { panels } = JSON.parse(dashboard) as { panels: { targets?: { expr: string }[] }[] }
  const drawn = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  const alerts = readFileSync(join(docs, 'alerts.yml'), 'utf8')
  const alerted = [...alerts.matchAll(/expr: (.*)/g)].map(([, expr = '']) => expr)
  t.ok(drawn.length > 10 && alerted.length > 5)
  for (const expr of [...drawn, ...alerted]) {
    const asked = [...expr.matchAll(/\b(?:ledger|http|nodejs|process)_[a-z_]+/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, '')
    )
    t.ok(asked.length > 0 && asked.every((name) => names.has(name)), expr)
  }
  for (const name of own)
    t.ok(
      drawn.some((expr) => expr.includes(name ?? '')),
      `${name} is drawn`
    )
})
