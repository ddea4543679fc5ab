import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Answered, refused, type Served, serve } from '../support/service.ts'

const ann = {
  primaryContactId: 1,
  emails: ['ann@x', 'info@x'],
  phoneNumbers: ['1'],
  secondaryContactIds: [2]
}
const bob = {
  primaryContactId: 3,
  emails: ['bob@x'],
  phoneNumbers: ['+2'],
  secondaryContactIds: []
}
const together = {
  primaryContactId: 1,
  emails: ['ann@x', 'info@x', 'bob@x'],
  phoneNumbers: ['1', '+2'],
  secondaryContactIds: [2, 3]
}

/** A mailbox joins two people at 4, and is blocked at 6. */
async function sharedMailbox(t: Test): Promise<Served> {
  const ledger = await serve(t)
  await ledger.identify('ann@x', '1')
  await ledger.identify('info@x', '1')
  await ledger.identify('bob@x', '+2')
  await ledger.identify('info@x', '+2')
  // The clock must tell the decision from what came before.
  const latest = (await ledger.events()).at(-1)?.recordedAt ?? ''
  while (Date.now() <= Date.parse(latest)) await pause(1)
  await ledger.send({
    method: 'POST',
    path: '/decisions',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ type: 'IdentifierBlocked', identifier: 'email:info@x' },
      ...{ actor: 'ann', reason: 'a shared mailbox' }
    })
  })
  return ledger
}

function answers(t: Test, { status, body }: Answered, expected: unknown, claim: string) {
  t.strictSame({ status, body }, { status: 200, body: expected }, claim)
}

t.test('contacts and identities are read as of a position', async (t) => {
  const ledger = await sharedMailbox(t)
  const { updatedAt } = await ledger.contact(3)
  const events = await ledger.events()
  const [minted, merged] = [events[2]?.recordedAt, events[3]?.recordedAt]
  const row = {
    ...{ id: 3, phoneNumber: '+2', email: 'bob@x' },
    createdAt: minted,
    deletedAt: null
  }
  const primary = { ...row, linkedId: null, linkPrecedence: 'primary' }
  const secondary = { ...row, linkedId: 1, linkPrecedence: 'secondary' }
  for (const [asOf, contact, identity] of [
    ['3', { ...primary, updatedAt: minted }, bob],
    ['4', { ...secondary, updatedAt: merged }, together],
    ['5', { ...secondary, updatedAt: merged }, together],
    ['6', { ...primary, updatedAt }, bob],
    ['7', { ...primary, updatedAt }, bob],
    ['999999999999999', { ...primary, updatedAt }, bob]
  ] as const) {
    const found = await ledger.get(`/contacts/3?asOf=${asOf}`)
    answers(t, found, { contact, identity }, `contact 3 as of ${asOf}`)
    const again = await ledger.get(`/contacts?email=bob@x&asOf=${asOf}`)
    answers(t, again, identity, `bob@x as of ${asOf}`)
  }
  for (const asOf of ['0', '2']) {
    refused(t, await ledger.get(`/contacts/3?asOf=${asOf}`), 404, `no contact 3 as of ${asOf}`)
    const unknown = await ledger.get(`/contacts?email=bob@x&asOf=${asOf}`)
    refused(t, unknown, 404, `bob@x is unknown as of ${asOf}`)
  }
  const both = '/contacts?email=ann@x&phoneNumber=+2&asOf='
  refused(t, await ledger.get(`${both}3`), 409, 'two identities then')
  answers(t, await ledger.get(`${both}4`), together, 'one identity then')
})

t.test('a time means what was recorded until then', async (t) => {
  const ledger = await sharedMailbox(t)
  const events = await ledger.events()
  const [merged = '', blocked = ''] = [events[3]?.recordedAt, events[5]?.recordedAt]
  const offset = merged.replace('Z', '+00:00')
  for (const asOf of [merged, offset, encodeURIComponent(offset), merged.slice(0, -1)]) {
    const found = await ledger.get(`/contacts?email=info@x&phoneNumber=1&asOf=${asOf}`)
    answers(t, found, together, asOf)
  }
  for (const blanks of ['12:00', '12:00:00', '12:00 01:00', '12:00:00 0100']) {
    const asOf = encodeURIComponent(`2999-01-31 ${blanks}`)
    answers(t, await ledger.get(`/contacts?email=ann@x&asOf=${asOf}`), ann, asOf)
  }
  const now = await ledger.get(`/contacts?email=ann@x&asOf=${blocked}`)
  answers(t, now, ann, 'the decision is part of its own time')
  refused(t, await ledger.get('/contacts/1?asOf=2001-02-03'), 404, 'before there was anything')
  for (const asOf of ['', '-1', '1.5', 'yesterday', '2026-13-01', '2026-01-01T00:00:00+1']) {
    refused(t, await ledger.get(`/contacts/1?asOf=${asOf}`), 400, `asOf=${asOf}`, ['/asOf'])
    const values = await ledger.get(`/contacts?email=ann@x&asOf=${asOf}`)
    refused(t, values, 400, `asOf=${asOf} of values`, ['/asOf'])
  }
  refused(t, await ledger.get('/contacts/1?asOf=1&asOf=2'), 400, 'two points', ['/asOf'])
})

t.test('the history of an identity is read oldest first, a page at a time', async (t) => {
  const ledger = await sharedMailbox(t)
  const all = await ledger.events()
  const at = (...positions: number[]) => positions.map((position) => all[position - 1])
  const read = (path: string) => ledger.get(`/contacts/${path}`)
  const whole = { events: at(1, 2, 4, 5, 6, 7), next: null }
  answers(t, await read('1/history'), whole, 'a primary’s')
  answers(t, await read('2/history'), whole, 'a secondary’s is the same')
  answers(t, await read('3/history'), { events: at(3, 4, 5, 6, 7), next: null }, 'another’s')
  answers(t, await read('1/history?limit=2'), { events: at(1, 2), next: 2 }, 'a first page')
  answers(t, await read('1/history?limit=2&after=2'), { events: at(4, 5), next: 5 }, 'the next')
  answers(t, await read('1/history?limit=2&after=5'), { events: at(6, 7), next: null }, 'the last')
  answers(t, await read('1/history?after=7'), { events: [], next: null }, 'nothing after it')
  refused(t, await read('4/history'), 404, 'an unknown contact')
  refused(t, await read('0/history'), 400, 'no contact id', ['/id'])
  refused(t, await read('1/history?limit=0&after=x'), 400, 'no page', ['/after', '/limit'])
})

t.test('an identity is read as a graph by any of its contacts', async (t) => {
  const ledger = await sharedMailbox(t)
  const asserted = null
  const node = { links: true, articulation: false }
  const graph = {
    primaryContactId: 1,
    nodes: [
      { identifier: 'email:ann@x', sharing: 1, ...node, contacts: [1] },
      { identifier: 'phone:1', sharing: 2, ...node, contacts: [1, 2] },
      { identifier: 'email:info@x', sharing: 2, ...node, links: false, contacts: [2] }
    ],
    links: [
      {
        ...{ from: 'email:ann@x', to: 'phone:1', state: 'live' },
        ...{ count: 1, first: 1, latest: 1, asserted }
      },
      {
        ...{ from: 'phone:1', to: 'email:info@x', state: 'blocked' },
        ...{ count: 1, first: 2, latest: 2, asserted }
      }
    ]
  }
  answers(t, await ledger.get('/identities/1/graph'), graph, 'by its primary')
  answers(t, await ledger.get('/identities/2/graph'), graph, 'by a secondary')
  answers(
    t,
    await ledger.get('/identities/1/graph?asOf=1'),
    {
      primaryContactId: 1,
      nodes: ['email:ann@x', 'phone:1'].map((identifier) => {
        return { identifier, sharing: 1, links: true, articulation: false, contacts: [1] }
      }),
      links: [
        {
          ...{ from: 'email:ann@x', to: 'phone:1', state: 'live' },
          ...{ count: 1, first: 1, latest: 1, asserted: null }
        }
      ]
    },
    'as of its first event'
  )
  refused(t, await ledger.get('/identities/2/graph?asOf=1'), 404, 'who had not come by then')
  refused(t, await ledger.get('/identities/1/graph?asOf=then'), 400, 'no time', ['/asOf'])
  refused(t, await ledger.get('/identities/4/graph'), 404, 'an unknown contact')
  refused(t, await ledger.get('/identities/x/graph'), 400, 'no contact id', ['/id'])
})
