import t from 'tap'
import { freshFolder, ledger, record, serve } from './support/process.ts'

t.setTimeout(480_000)

/** A mailbox with four phones, one with a phone of its own, one with none; the first two merge. */
const requests = [
  { email: 'info@shop.example', phoneNumber: '1' },
  { email: 'info@shop.example', phoneNumber: '2' },
  { email: 'info@shop.example', phoneNumber: '3' },
  { email: 'info@shop.example', phoneNumber: '4' },
  { email: 'doc@lab.example', phoneNumber: '88' },
  { email: 'einstein@lab.example' },
  { email: 'doc@lab.example', phoneNumber: '3' }
]

const none = {
  ...{ ContactsSplit: 0, ObservationRetracted: 0, IdentifierBlocked: 0, IdentifierUnblocked: 0 },
  ...{
    LinkForbidden: 0,
    LinkAllowed: 0,
    LinkAsserted: 0,
    AssertionWithdrawn: 0,
    SharingLimitSet: 0
  }
}

const expected = {
  events: 8,
  contacts: 6,
  identities: 2,
  byType: { ContactObserved: 7, ContactsMerged: 1, ...none },
  sizes: [
    { from: 1, to: 1, identities: 1 },
    { from: 2, to: 2, identities: 0 },
    { from: 3, to: 4, identities: 0 },
    { from: 5, to: 8, identities: 1 }
  ],
  largest: [{ primaryContactId: 1, contacts: 5 }],
  mostShared: [{ identifier: 'email:info@shop.example', sharing: 4 }],
  days: [{ day: '2026-01-31', merges: 1, splits: 0 }]
}

const now = () => Date.UTC(2026, 0, 31, 23, 59)

t.test('a server and the command line beside it tell the same numbers', async (t) => {
  const dir = freshFolder(t)
  await record(dir, requests, { now })
  const server = await serve(t, dir)
  const { status, body } = await server.get('/stats')
  t.equal(status, 200)
  t.same(body, expected)
  const beside = await ledger(t, dir, ['stats', '--json'])
  t.equal(beside.code, 0)
  t.equal(beside.stderr, '')
  t.same(JSON.parse(beside.stdout), expected)

  await server.identify({ email: 'emmett@lab.example' })
  const { events, contacts } = (await server.get('/stats')).body
  t.same({ events, contacts }, { events: 9, contacts: 7 }, 'what was answered is counted at once')
})

t.test('people are told the numbers in columns', async (t) => {
  const dir = freshFolder(t)
  await record(dir, requests, { now })
  const { code, stdout } = await ledger(t, dir, ['stats'])
  t.equal(code, 0)
  t.match(stdout, /^events +8\ncontacts +6\nidentities +2\n/)
  t.match(stdout, /\n {2}1 +1\n {2}2 +0\n {2}3 to 4 +0\n {2}5 to 8 +1\n/)
  t.match(stdout, /\n {2}contact:1 {2}5\n/)
  t.match(stdout, /\n {2}email:info@shop\.example {2}4\n/)
  t.match(stdout, /\n {2}2026-01-31 {2}1 {2}0\n$/)
})

t.test('an empty ledger has nothing to count', async (t) => {
  const server = await serve(t, freshFolder(t))
  const nothing = { ContactObserved: 0, ContactsMerged: 0, ...none }
  t.same((await server.get('/stats')).body, {
    ...{ events: 0, contacts: 0, identities: 0, byType: nothing },
    ...{ sizes: [], largest: [], mostShared: [], days: [] }
  })
})
