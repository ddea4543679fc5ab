import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { filesOf } from '../scripts/wiring.ts'
import { type Ended, freshFolder, type Json, ledger, record, serve } from './support/process.ts'

t.setTimeout(480_000)

const said = ['--actor', 'ann', '--reason', 'a customer called']

/** A shop's mailbox that two strangers share, a phone that two colleagues share, and one more. */
const requests = [
  { email: 'info@shop.example', phoneNumber: '111' },
  { email: 'info@shop.example', phoneNumber: '222' },
  { email: 'doc@lab.example', phoneNumber: '333' },
  { email: 'marty@hillvalley.edu', phoneNumber: '444' },
  { email: 'einstein@lab.example', phoneNumber: '333' }
]

async function recorded(t: Test): Promise<string> {
  const dir = freshFolder(t)
  await record(dir, requests)
  return dir
}

const headOf = async (t: Test, dir: string) =>
  JSON.parse((await ledger(t, dir, ['verify', '--json'])).stdout).events

/** A server of a ledger, and the settings that tell where it is. */
async function served(t: Test, dir: string) {
  const server = await serve(t, dir)
  const [, PORT = ''] = (await server.writes(/listening at http:[^"]*:(\d+)/)) ?? []
  return { server, env: { PORT } }
}

/** The one document that a verb printed. */
function documentOf(t: Test, { code, stdout, stderr }: Ended): Json {
  t.equal(code, 0, stderr)
  t.match(stdout, /^[^\n]+\n$/, 'one line on the output')
  return JSON.parse(stdout)
}

const verbs: readonly (readonly [line: string[], type: string, changed: boolean])[] = [
  [['block', 'email:INFO@shop.example'], 'IdentifierBlocked', true],
  [['block', 'email:info@shop.example'], 'IdentifierBlocked', false],
  [['unblock', 'email:info@shop.example'], 'IdentifierUnblocked', true],
  [['forbid', 'email:einstein@lab.example', 'phone:3-3-3'], 'LinkForbidden', true],
  [['allow', 'phone:333', 'email:einstein@lab.example'], 'LinkAllowed', true],
  [['assert', 'phone:333', 'phone:444'], 'LinkAsserted', true],
  [['withdraw', 'phone:444', 'phone:333'], 'AssertionWithdrawn', true],
  [['limit', 'email', '1'], 'SharingLimitSet', true],
  [['limit', 'email', 'none'], 'SharingLimitSet', true],
  [['limit', 'phone', '2'], 'SharingLimitSet', false],
  [['retract', '2'], 'ObservationRetracted', true]
]

t.test('each verb decides, on a ledger of its own as beside a server', async (t) => {
  const [closed, open] = [await recorded(t), await recorded(t)]
  const { server, env } = await served(t, open)
  for (const [nth, [line, type, changed]] of verbs.entries()) {
    const claim = line.join(' ')
    const args = [...line, ...said, '--json']
    const here = await ledger(t, closed, args)
    const made = documentOf(t, here)
    t.match(made, { type, changed }, claim)
    t.equal(here.stderr, `No server has the ledger open; opened ${closed}/ledger.db.\n`)
    if (nth > 3) continue
    const there = await ledger(t, open, args, { env })
    t.strictSame(documentOf(t, there), made, `${claim}: the same document`)
    t.equal(
      there.stderr,
      `The ledger is in use; asking its server at http://127.0.0.1:${env.PORT}.\n`
    )
  }
  const { body } = await server.get('/events?limit=1000')
  t.match(
    body.events.filter(({ type }: Json) => type === 'IdentifierUnblocked'),
    [
      { data: { identifier: 'email:info@shop.example', actor: 'ann', reason: 'a customer called' } }
    ],
    'who and why is on record'
  )
  t.equal((await server.stop('SIGTERM')).code, 0)
  for (const dir of [closed, open]) {
    const { code, stdout } = await ledger(t, dir, ['verify'])
    t.equal(code, 0, stdout)
  }
})

t.test('a dry run tells the same and writes nothing to the log', async (t) => {
  const dir = await recorded(t)
  const { log } = filesOf({ ledgerDir: dir })
  const bytes = readFileSync(log)
  const line = ['block', 'email:info@shop.example', ...said, '--json']
  const tried = documentOf(t, await ledger(t, dir, [...line, '--dry-run']))
  t.ok(readFileSync(log).equals(bytes), 'the log is the same, byte by byte')
  const { server, env } = await served(t, dir)
  const asked = documentOf(t, await ledger(t, dir, [...line, '--dry-run'], { env }))
  t.strictSame(asked, tried, 'a server tries it, too')
  t.match((await server.get('/health/ready')).body, { head: 5 })
  t.strictSame(documentOf(t, await ledger(t, dir, line, { env })), tried)
  t.match((await server.get('/health/ready')).body, { head: 7 })
  t.equal((await server.stop('SIGTERM')).code, 0)
})

t.test('what changed is told in words', async (t) => {
  const dir = await recorded(t)
  const told = async (...line: string[]) => (await ledger(t, dir, [...line, ...said])).stdout
  const before = '  contact 1 with 2: info@shop.example; 111, 222'
  const after = '  contact 1: info@shop.example; 111\n  contact 2: info@shop.example; 222'
  t.equal(
    await told('block', 'email:info@shop.example', '--dry-run'),
    `Nothing was recorded. 1 identity would come apart:\n${before} (into 2)\nIn its place would be 2 identities:\n${after}\nNew primaries: 2.\n`
  )
  t.equal(
    await told('block', 'email:info@shop.example'),
    `Recorded at position 6. 1 identity came apart:\n${before} (into 2)\nIn its place are 2 identities:\n${after}\nNew primaries: 2.\n`
  )
  t.equal(
    await told('block', 'email:info@shop.example', '--dry-run'),
    'Nothing was recorded. No identity would change.\n'
  )
  t.equal(
    await told('block', 'email:info@shop.example'),
    'Recorded at position 8. No identity changed.\n'
  )
  t.equal(
    await told('unblock', 'email:info@shop.example'),
    `Recorded at position 9. 2 identities were joined, the largest first:\n${after}\nIn their place is 1 identity:\n${before} (from 2)\nNo longer primary: 2.\n`
  )
  t.equal(
    await told('retract', '2'),
    `Recorded at position 11. 1 identity changed:\n${before}\nIn its place is 1 identity:\n  contact 1: info@shop.example; 111\n`
  )
  t.equal(
    await told('retract', '4'),
    `Recorded at position 12. 1 identity changed:\n  contact 4: marty@hillvalley.edu; 444\nIn its place is no identity.\nNo longer primary: 4.\n`
  )
})

t.test('a sharing limit is chosen by what would come apart', async (t) => {
  const dir = freshFolder(t)
  const mailbox = (nth: number, size: number) =>
    Array.from({ length: size }, (_, phone) => ({
      email: `desk.${nth}@shop.example`,
      phoneNumber: `${nth}0${phone}`
    }))
  await record(dir, [
    ...Array.from({ length: 11 }, (_, nth) => mailbox(nth + 10, 2)).flat(),
    ...mailbox(9, 7)
  ])
  const tried = async (most: string) =>
    (await ledger(t, dir, ['limit', 'email', most, '--dry-run', ...said])).stdout.split('\n')
  t.equal((await tried('none'))[0], 'Nothing was recorded. No identity would change.')
  const [title, largest] = await tried('5')
  t.equal(title, 'Nothing was recorded. 1 identity would come apart:')
  t.equal(
    largest,
    '  contact 23 with 24, 25, 26, 27, 28 and 1 more: desk.9@shop.example; 900, 901, 902, 903, 904 and 2 more (into 7)'
  )
  const lines = await tried('1')
  t.equal(lines[0], 'Nothing was recorded. 12 identities would come apart, the largest first:')
  t.equal(lines[1], largest)
  t.equal(lines[2], '  contact 1 with 2: desk.10@shop.example; 1000, 1001 (into 2)')
  t.same(lines.slice(11, 13), ['  and 2 more', 'In their place would be 29 identities:'])
  t.equal(lines.length, 26, 'both are cut short')
})

t.test('what is not known can’t be decided on, and what means nothing is refused', async (t) => {
  const dir = await recorded(t)
  const end = async (...args: string[]) => ({ args, ...(await ledger(t, dir, args)) })
  const unknown = [
    await end('block', 'email:nobody@lab.example', ...said),
    await end('retract', '6', ...said, '--dry-run'),
    await end('assert', 'phone:111', 'phone:999', ...said)
  ]
  for (const { args, code, stdout, stderr } of unknown) {
    t.same([code, stdout], [1, ''], args.join(' '))
    t.match(stderr, /Nothing is known about|There is no observation/)
  }
  const known = 'email:info@shop.example'
  const wrong = await Promise.all([
    end('block', ...said),
    end('block', known),
    end('block', known, '--actor', 'ann'),
    end('block', known, '--actor', ' ', '--reason', ''),
    end('block', 'info@shop.example', ...said),
    end('forbid', known, ...said),
    end('retract', 'all', ...said),
    end('retract', '0', ...said),
    end('limit', 'fax', '5', ...said),
    end('limit', 'email', 'many', ...said)
  ])
  for (const { args, code, stdout, stderr } of wrong) {
    t.same([code, stdout], [2, ''], args.join(' '))
    t.match(stderr, /--help|must/)
    t.notMatch(stderr, /\n +at /, 'no stack')
  }
  const itself = await end('forbid', known, 'email:INFO@shop.example', ...said)
  t.match(itself, { code: 2, stderr: /two different identifiers/ })
  t.equal(await headOf(t, dir), 5, 'nothing was recorded')

  const none = join(dir, 'none')
  const { code, stderr } = await ledger(t, none, ['block', known, ...said])
  t.same([code, stderr], [3, `There is no ledger at ${none}/ledger.db.\n`])
})

t.test('a server refuses as the ledger itself does', async (t) => {
  const dir = await recorded(t)
  const { server, env } = await served(t, dir)
  const lines: [string[], number, RegExp][] = [
    [
      ['block', 'phone:999'],
      1,
      /\nNothing is known about that phone\.\n {2}\/identifier is not known\n$/
    ],
    [['forbid', 'phone:111', 'x'], 2, /\n {2}\/between\/1 must be email:ADDRESS or phone:NUMBER\n$/]
  ]
  for (const [line, code, stderr] of lines) {
    t.match(await ledger(t, dir, [...line, ...said], { env }), { code, stdout: '', stderr })
  }
  t.match((await server.get('/health/ready')).body, { head: 5 })
})

t.test('a decision goes to the server of its ledger or nowhere', async (t) => {
  const [dir, another] = [await recorded(t), await recorded(t)]
  const { server } = await served(t, dir)
  const { server: stranger, env } = await served(t, another)
  const line = ['block', 'email:info@shop.example', ...said]
  const elsewhere = await ledger(t, dir, line, { env })
  t.match(elsewhere, { code: 3, stdout: '', stderr: /does not serve this ledger.* HOST and PORT/ })
  t.equal((await stranger.stop('SIGTERM')).code, 0)
  const nowhere = await ledger(t, dir, line, { env })
  t.match(nowhere, { code: 3, stdout: '', stderr: /nothing answers there.* HOST and PORT/ })
  t.notMatch(nowhere.stderr, /\n +at /, 'no stack')
  t.match((await server.get('/health/ready')).body, { head: 5 })
  t.equal(await headOf(t, another), 5, 'neither has it')
})

t.test('help tells all eight', async (t) => {
  const dir = freshFolder(t)
  const names = ['retract', 'block', 'unblock', 'forbid', 'allow', 'assert', 'withdraw', 'limit']
  const { stdout } = await ledger(t, dir, ['--help'])
  for (const name of names) t.match(stdout, new RegExp(`^ {2}${name} `, 'm'), name)
  const help = await ledger(t, dir, ['limit', '--help'])
  t.equal(help.code, 0)
  t.match(help.stdout, /email or phone.*none.*--actor.*--reason.*--dry-run.*--json/s)
})
