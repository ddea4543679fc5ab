import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import type { Identity } from '../../src/domain/answer.ts'
import type { IdentityGraph } from '../../src/identity-graph.ts'
import type { PublishedWhy } from '../../src/published-why.ts'
import type { ContactWithIdentity } from '../../src/views.ts'
import { refused, type Served, serve } from '../support/service.ts'

t.setTimeout(300_000)

const many = 2_100

t.test('a large identity is answered as a small one is', async (t) => {
  const ledger = await serve(t)
  const { get, identify, stop } = ledger
  await recordLarge(t, ledger)
  const large = await identify('new@x', '1')
  t.equal(large.secondaryContactIds.length, many)

  const contact = await get('/contacts/2')
  t.equal(contact.headers['content-type'], 'application/json; charset=utf-8')
  t.equal(contact.headers['cache-control'], 'no-store')
  const { contact: row, identity } = contact.body as ContactWithIdentity
  t.match(row, { id: 2, email: '2@x', linkedId: 1, linkPrecedence: 'secondary', deletedAt: null })
  t.strictSame(identity, large)

  t.strictSame((await get('/contacts?email=2@x')).body, large)
  const then = (await get('/contacts?email=2@x&asOf=2')).body as Identity
  t.same(then.secondaryContactIds, [2])
  refused(t, await get('/contacts?email=2@x&asOf=1'), 404, 'then nobody carried it')

  const why = (await get('/why?from=contact:2&to=email:new@x')).body as PublishedWhy
  t.match(why, { connected: true, from: 'email:2@x', to: 'email:new@x' })
  t.equal(why.chain.length, 2)
  refused(t, await get('/why?from=contact:2&to=email:nobody@x'), 404, 'an unknown end', ['/to'])

  const graph = (await get('/identities/9/graph')).body as IdentityGraph
  t.equal(graph.primaryContactId, 1)
  t.equal(graph.nodes.length, many + 2)
  const history = await get('/contacts/3/history?after=10&limit=2')
  t.match(history.body, { events: [{ position: 11 }, { position: 12 }], next: 12 })
  await stop()
})

t.test('a dry run of what is large is answered as the real one then is', async (t) => {
  const ledger = await serve(t)
  await recordLarge(t, ledger)
  const observed = { path: '/identify', body: { email: 'new@x', phoneNumber: '1' } }
  const said = { actor: 'ann', reason: 'a mix-up' }
  const block = (identifier: string) => ({
    path: '/decisions',
    body: { type: 'IdentifierBlocked', identifier, ...said }
  })
  const post = ({ path, body }: { path: string; body: object }, query = '') =>
    ledger.send({ method: 'POST', path: `${path}${query}`, body: JSON.stringify(body) })

  for (const asked of [observed, block('email:2@x')]) {
    const before = await ledger.head()
    const supposed = await post(asked, '?dryRun=true')
    t.equal(await ledger.head(), before, 'nothing is recorded')
    const made = await post(asked)
    t.equal(made.status, 200)
    for (const told of ['status', 'body'] as const) t.strictSame(supposed[told], made[told])
    for (const header of ['content-type', 'cache-control', 'content-length']) {
      t.equal(supposed.headers[header], made.headers[header], header)
    }
  }
  refused(t, await post(block('email:nobody@x'), '?dryRun=true'), 404, 'nobody', ['/identifier'])
})

t.test('clients that hang up leave the others their places', async (t) => {
  const ledger = await serve(t)
  await recordLarge(t, ledger)
  const body = JSON.stringify({
    ...{ type: 'IdentifierBlocked', identifier: 'phone:1' },
    ...{ actor: 'ann', reason: 'a mix-up' }
  })
  const path = '/decisions?dryRun=true'
  const headers = `host: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`
  const impatient = await Promise.all(
    Array.from({ length: 70 }, async () => {
      const socket = connect(ledger.port, '127.0.0.1')
      await once(socket, 'connect')
      return socket.on('error', () => {})
    })
  )
  for (const socket of impatient) socket.write(`POST ${path} HTTP/1.1\r\n${headers}\r\n\r\n${body}`)
  await ledger.head()
  for (const socket of impatient) socket.destroy()
  await ledger.head()
  const asked = Array.from({ length: 20 }, () => ledger.send({ method: 'POST', path, body }))
  t.same(
    (await Promise.all(asked)).map(({ status }) => status),
    Array(20).fill(200)
  )
})

/** Records an identity of so many contacts that others answer questions about it than the writer. */
async function recordLarge(t: Test, { send }: Served) {
  const lines = Array.from({ length: many }, (_, nth) => {
    return JSON.stringify({ email: `${nth + 1}@x`, phoneNumber: '1' })
  })
  const recorded = await send({
    method: 'POST',
    path: '/identify/batch?answer=receipt',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join('\n')
  })
  t.equal(recorded.status, 200)
}
