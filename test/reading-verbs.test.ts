import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { filesOf, holdLog } from '../scripts/wiring.ts'
import { type Ended, freshFolder, type Json, ledger, record, serve } from './support/process.ts'

t.setTimeout(480_000)

let seconds = 0
const now = () => Date.UTC(2026, 0, 1) + 1_000 * seconds++

/** A mailbox joins two people at 4; it is blocked at 6, which parts them again. */
async function sharedMailbox(t: Test): Promise<string> {
  const dir = freshFolder(t)
  seconds = 0
  const requests = [
    { email: 'ann@home.example', phoneNumber: '111' },
    { email: 'info@shop.example', phoneNumber: '111' },
    { email: 'bob@home.example', phoneNumber: '222' },
    { email: 'info@shop.example', phoneNumber: '222' }
  ]
  await record(dir, requests, { now })
  const said = ['--actor', 'ann', '--reason', 'a shared mailbox']
  const { code } = await ledger(t, dir, ['block', 'email:info@shop.example', ...said])
  t.equal(code, 0, 'the mailbox is blocked')
  return dir
}

const together = {
  primaryContactId: 1,
  emails: ['ann@home.example', 'info@shop.example', 'bob@home.example'],
  phoneNumbers: ['111', '222'],
  secondaryContactIds: [2, 3]
}

/** Runs several command lines at once, each with `--json`; tells what each printed. */
async function documents(t: Test, dir: string, lines: readonly string[]): Promise<Json[]> {
  const ended = await run(
    t,
    dir,
    lines.map((line) => `${line} --json`)
  )
  return ended.map(({ code, stdout, stderr }, nth) => {
    t.strictSame([code, stderr], [0, ''], `${lines[nth]}: done, and nothing else is said`)
    t.match(stdout, /^[^\n]+\n$/, `${lines[nth]}: one line`)
    return JSON.parse(stdout)
  })
}

const run = (t: Test, dir: string, lines: readonly string[]): Promise<Ended[]> =>
  Promise.all(lines.map((line) => ledger(t, dir, line.split(' '))))

t.test('contacts and identities are told as they are and as they were', async (t) => {
  const dir = await sharedMailbox(t)
  const [then, now, whole, byTime] = await documents(t, dir, [
    'contact 3 --as-of 4',
    'contact 3',
    'identity --phone 222 --email info@shop.example --as-of 5',
    'identity --email ann@home.example --as-of 2026-01-01T00:00:00Z'
  ])
  t.match(then, { contact: { id: 3, linkedId: 1, updatedAt: '2026-01-01T00:00:03.000Z' } })
  t.strictSame(then.identity, together)
  t.match(now, { contact: { id: 3, linkedId: null }, identity: { primaryContactId: 3 } })
  t.strictSame(whole, together)
  t.match(byTime, { emails: ['ann@home.example'], secondaryContactIds: [] })

  const told = await run(t, dir, ['contact 2', 'identity --phone 222 --as-of 5'])
  t.match(told[0]?.stdout, /^contact 2, secondary of contact 1\n +email: info@shop\.example\n/)
  t.match(told[0]?.stdout, /\nidentity of contact 1 with 2\n +emails: ann@.*, info@/)
  t.match(told[1]?.stdout, /^identity of contact 1 with 2, 3\n.*\n +phone numbers: 111, 222\n$/)
})

t.test('a history is told oldest first, a page at a time', async (t) => {
  const dir = await sharedMailbox(t)
  const lines = ['history 1', 'history 3 --limit 2', 'history 3 --after 4 --limit 3']
  const positions = (await documents(t, dir, lines)).map(({ events, next }) => [
    events.map(({ position }: { position: number }) => position),
    next
  ])
  t.strictSame(positions, [
    [[1, 2, 4, 5, 6, 7], null],
    [[3, 4], 4],
    [[5, 6, 7], null]
  ])
  const [whole, page] = await run(t, dir, lines)
  t.match(
    whole?.stdout.replace(/ \(\S+\)/g, ''),
    [
      '1 observed email:ann@home.example with phone:111, new: contact 1',
      '2 observed email:info@shop.example with phone:111, new: contact 2',
      '4 observed email:info@shop.example with phone:222',
      '5 merged contact 3 into 1, because of 4',
      '6 blocked email:info@shop.example, by ann: a shared mailbox',
      '7 split contact 3 from 1, because of 6\n'
    ].join('\n')
  )
  t.match(page?.stdout, /\nThere is more: continue with --after 4\.\n$/)
})

t.test('an identity is told as a graph', async (t) => {
  const dir = await sharedMailbox(t)
  const [graph] = await documents(t, dir, ['graph 2'])
  t.equal(graph.primaryContactId, 1)
  t.equal(graph.nodes.length, 3)
  t.equal(graph.links.length, 2)
  const [told] = await run(t, dir, ['graph 2'])
  t.match(told?.stdout, /^identity of contact 1\nidentifiers:\n/)
  t.match(
    told?.stdout,
    /\n +email:info@shop\.example: seen with 2 others; contact 2; links nobody\n/
  )
  t.match(told?.stdout, /\n +phone:111 - email:info@shop\.example: blocked; seen once, at 2\n$/)
})

t.test('what is not there is told with exit 1, what makes no sense with exit 2', async (t) => {
  const dir = await sharedMailbox(t)
  const absent = [
    ...['contact 9', 'contact 3 --as-of 2', 'history 9', 'graph 9'],
    ...['identity --email nobody@x', 'identity --email ann@home.example --phone 222']
  ]
  const senseless = [
    ...['contact', 'contact x', 'contact 1 --as-of yesterday', 'identity', 'identity --email x'],
    ...['history', 'history 0', 'history 1 --limit 0', 'history 1 --after x', 'graph', 'graph 1 2']
  ]
  const ended = await run(t, dir, [...absent, ...senseless])
  for (const [nth, line] of [...absent, ...senseless].entries()) {
    const { code, stdout, stderr } = ended[nth] as Ended
    t.strictSame([code, stdout], [nth < absent.length ? 1 : 2, ''], line)
    t.match(stderr, /\S/, `${line}: says why`)
    t.notMatch(stderr, /\n +at /, `${line}: no stack`)
  }
})

t.test('they may be asked beside a running server', async (t) => {
  const dir = await sharedMailbox(t)
  const server = await serve(t, dir)
  const lines = ['contact 3', 'identity --phone 222', 'history 3', 'graph 3']
  const paths = ['/contacts/3', '/contacts?phoneNumber=222', '/contacts/3/history']
  const told = await documents(t, dir, lines)
  const served = await Promise.all(
    [...paths, '/identities/3/graph'].map(async (path) => (await server.get(path)).body)
  )
  t.strictSame(told, served, 'and tell what it answers')
})

t.test('a read model that can’t be used while another holds the ledger is told of', async (t) => {
  const dir = await sharedMailbox(t)
  const db = new Database(filesOf({ ledgerDir: dir }).readModel)
  db.exec("UPDATE checkpoint SET made_by = 'another'")
  db.close()
  const held = holdLog({ ledgerDir: dir }, { create: false })
  const { code, stdout, stderr } = await ledger(t, dir, ['contact', '3'])
  await held.close()
  t.strictSame([code, stdout], [3, ''])
  t.match(stderr, /read model can't be used: it was made by another version\. Another process/)
  const healed = await ledger(t, dir, ['contact', '3'])
  t.equal(healed.code, 0, 'once it is free it is mended')
})
