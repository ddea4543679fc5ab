import t from 'tap'
import type { Identity } from '../../src/domain/answer.ts'
import type { IdentityGraph } from '../../src/identity-graph.ts'
import type { PublishedWhy } from '../../src/published-why.ts'
import type { ContactWithIdentity } from '../../src/views.ts'
import { refused, serve } from '../support/service.ts'

t.setTimeout(300_000)

const many = 2_100

t.test('a large identity is answered as a small one is', async (t) => {
  const { get, send, identify, stop } = await serve(t)
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
