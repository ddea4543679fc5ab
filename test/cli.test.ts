import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { filesOf } from '../scripts/wiring.ts'
import {
  type Ended,
  freshFolder,
  type Json,
  ledger,
  type Request,
  record,
  serve,
  start
} from './support/process.ts'

t.setTimeout(480_000)

const verbs = [
  'serve',
  'replay',
  'verify',
  'why',
  'events',
  'stats',
  'contact',
  'identity',
  'history',
  'graph',
  'export',
  'import-events',
  'backup'
]

/** The statement's own people: two who merge, one apart. */
const requests: readonly Request[] = [
  { email: 'george@hillvalley.edu', phoneNumber: '919191' },
  { email: 'biffsucks@hillvalley.edu', phoneNumber: '717171' },
  { email: 'george@hillvalley.edu', phoneNumber: '717171' },
  { email: 'lorraine@hillvalley.edu', phoneNumber: '123456', key: 'order-1' },
  { email: 'mcfly@hillvalley.edu', phoneNumber: '123456' },
  { email: 'emmett@lab.example' }
]
const events = requests.length + 1

let seconds = 0
const now = () => Date.UTC(2026, 0, 1) + 1_000 * seconds++

async function recorded(t: Test): Promise<string> {
  const dir = freshFolder(t)
  seconds = 0
  await record(dir, requests, { now })
  return dir
}

/** What a verb printed: exactly one JSON document, and nothing else anywhere. */
function documentOf(t: Test, { code, stdout, stderr }: Ended, expected: number): Json {
  t.equal(code, expected, `exit ${expected}`)
  t.equal(stderr, '', 'nothing on the error stream')
  t.match(stdout, /^[^\n]+\n$/, 'one line on the output')
  return JSON.parse(stdout)
}

/** Runs several command lines at once. */
const all = (t: Test, dir: string, lines: readonly (readonly string[])[]) =>
  Promise.all(lines.map(async (args) => ({ args, end: await ledger(t, dir, args) })))

t.test('help is there for the asking', async (t) => {
  const dir = join(freshFolder(t), 'none')
  const lines = [['--help'], ['help'], ...verbs.map((verb) => [verb, '--help'])]
  for (const { args, end } of await all(t, dir, lines)) {
    const claim = args.join(' ')
    t.equal(end.code, 0, `${claim}: exit 0`)
    t.match(end.stdout, /^Usage: ledger/, `${claim}: tells the usage`)
    t.equal(end.stderr, '', `${claim}: on the output`)
    if (args.length > 1) continue
    for (const verb of verbs) t.match(end.stdout, verb, `${claim}: names ${verb}`)
    t.match(end.stdout, /LEDGER_DIR.*Exit codes: 0/s, `${claim}: tells settings and exit codes`)
  }
  t.notOk(existsSync(dir), 'and makes no ledger')
})

t.test('the version is that of the package', async (t) => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
  const end = await ledger(t, join(freshFolder(t), 'none'), ['--version'])
  t.match(end, { code: 0, stdout: `${version}\n`, stderr: '' })
})

t.test('a command line that means nothing is refused with a hint', async (t) => {
  const dir = await recorded(t)
  const lines = [
    [],
    ['repaly'],
    ['replay', '--chekc'],
    ['replay', 'now'],
    ['events', '--limit', 'ten'],
    ['events', '--after', '-1'],
    ['why'],
    ['why', 'contact:0', 'contact:1'],
    ['why', 'george@hillvalley.edu', 'contact:1'],
    ['why', 'contact:1', 'contact:2', 'contact:3'],
    ['why', 'contact:1', '--from', 'contact:2', 'contact:3'],
    ['contact', '9007199254740992']
  ]
  for (const { args, end } of await all(t, dir, lines)) {
    const claim = `ledger ${args.join(' ')}`
    t.equal(end.code, 2, `${claim}: exit 2`)
    t.equal(end.stdout, '', `${claim}: nothing on the output`)
    t.match(end.stderr, /--help|Usage|must|takes/, `${claim}: a hint`)
    t.notMatch(end.stderr, /\n +at /, `${claim}: no stack`)
  }
})

t.test('wrong settings are told at once, and once', async (t) => {
  const dir = join(freshFolder(t), 'none')
  const env = { PORT: 'x', LOG_LEVEL: 'loud' }
  const { code, stdout, stderr } = await ledger(t, dir, ['serve'], { env })
  t.equal(code, 2)
  t.equal(stdout, '')
  t.equal(stderr.match(/PORT must be/g)?.length, 1, 'PORT')
  t.equal(stderr.match(/LOG_LEVEL must be/g)?.length, 1, 'LOG_LEVEL')
  t.notOk(existsSync(dir), 'and no ledger is made')
})

t.test('only a server makes a ledger where there is none', async (t) => {
  const folder = freshFolder(t)
  const lines = [
    ['replay', '--json'],
    ['replay', '--check', '--json'],
    ['verify', '--json'],
    ['events', '--json'],
    ['why', 'contact:1', 'contact:2', '--json']
  ]
  for (const [dir, some] of [
    [folder, lines],
    [join(folder, 'none'), lines.slice(0, 1)]
  ] as const) {
    for (const { args, end } of await all(t, dir, some)) {
      const claim = args.join(' ')
      t.equal(end.code, 3, `${claim}: exit 3`)
      t.equal(end.stdout, '', `${claim}: nothing on the output`)
      t.equal(end.stderr, `There is no ledger at ${join(dir, 'ledger.db')}.\n`, `${claim}: says so`)
    }
  }
  t.same(readdirSync(folder), [], 'nothing was made')

  const dir = join(folder, 'deep', 'down')
  const server = await serve(t, dir)
  t.equal((await server.stop('SIGTERM')).code, 0)
  const verdict = documentOf(t, await ledger(t, dir, ['verify', '--json']), 0)
  t.match(verdict, { ok: true, events: 0, problems: [] }, 'an empty ledger is sound')
})

t.test('replay, its check and verify agree', async (t) => {
  const dir = await recorded(t)
  const lines = [
    ['replay', '--check', '--json'],
    ['verify', '--json']
  ]
  const [check, verdict] = (await all(t, dir, lines)).map(({ end }) => documentOf(t, end, 0))
  const replayed = documentOf(t, await ledger(t, dir, ['replay', '--json']), 0)

  t.same(Object.keys(replayed), ['events', 'seconds', 'digest'])
  t.same(Object.keys(check).sort(), ['digest', 'equal', 'events', 'seconds'])
  t.same(Object.keys(verdict), ['ok', 'events', 'digest', 'problems'])
  t.match(verdict, { ok: true, events, problems: [] })
  t.match(check, { equal: true, events, seconds: Number })
  t.match(replayed, { events, seconds: Number, digest: /^[0-9a-f]{64}$/ })
  t.equal(check.digest, replayed.digest)
  t.equal(verdict.digest, replayed.digest)

  const told = await all(t, dir, [['replay', '--check'], ['verify']])
  for (const { args, end } of told) {
    t.equal(end.code, 0)
    t.match(end.stdout, replayed.digest, `${args.join(' ')} tells the digest to people, too`)
    t.match(end.stdout, `${events} events`)
  }
})

t.test('the digest depends on the events and on nothing else', async (t) => {
  const [one, same, later, copy] = [
    await recorded(t),
    await recorded(t),
    freshFolder(t),
    freshFolder(t)
  ]
  await record(later, requests, { now })
  cpSync(filesOf({ ledgerDir: one }).log, filesOf({ ledgerDir: copy }).log)
  const digests = await Promise.all(
    [one, same, later, copy].map(
      async (dir) => documentOf(t, await ledger(t, dir, ['replay', '--json']), 0).digest
    )
  )
  t.equal(digests[1], digests[0], 'the same requests at the same times')
  t.equal(digests[3], digests[0], 'a copied log')
  t.not(digests[2], digests[0], 'the same requests at other times')
})

t.test('a read model that is wrong is found and healed', async (t) => {
  const dir = await recorded(t)
  const { readModel } = filesOf({ ledgerDir: dir })
  const db = new Database(readModel)
  db.exec("UPDATE identifiers SET value = 'x@y.z' WHERE number = 1")
  db.close()

  const check = documentOf(t, await ledger(t, dir, ['replay', '--check', '--json']), 1)
  t.equal(check.equal, false, 'by a check')
  const verdict = documentOf(t, await ledger(t, dir, ['verify', '--json']), 1)
  t.match(verdict, { ok: false, problems: [/differs/] }, 'by a verification')
  const { stdout } = await ledger(t, dir, ['verify'])
  t.match(stdout, /not sound.*differs/s, 'which tells people, too')
  const { digest } = documentOf(t, await ledger(t, dir, ['replay', '--json']), 0)
  t.equal(digest, check.digest, 'by a replay')
  t.equal(verdict.digest, check.digest)
  t.equal(documentOf(t, await ledger(t, dir, ['verify', '--json']), 0).ok, true)

  rmSync(readModel)
  const missing = documentOf(t, await ledger(t, dir, ['replay', '--check', '--json']), 1)
  t.match(missing, { equal: false, digest }, 'a missing one is not equal')
  t.match(documentOf(t, await ledger(t, dir, ['verify', '--json']), 1), { ok: false, digest })
  t.notOk(existsSync(readModel), 'and neither makes one')
  const why = await ledger(t, dir, ['why', 'contact:1', 'contact:2'])
  t.equal(why.code, 0, 'a question makes it first')
  t.equal((await ledger(t, dir, ['replay', '--check'])).code, 0)
})

t.test('why tells what joined two ends', async (t) => {
  const dir = await recorded(t)
  const ends = ['contact:1', 'phone:71-71.71'] as const
  const lines = [
    ['why', ...ends, '--json'],
    ['why', '--from', ends[0], '--to', ends[1], '--json'],
    ['why', 'email:George@HillValley.edu', 'contact:2', '--json'],
    ['why', 'contact:1', 'contact:3', '--json'],
    ['why', 'contact:3', 'contact:3', '--json']
  ]
  const [proof, named, byEmail, apart, itself] = await all(t, dir, lines)
  const told = documentOf(t, proof?.end as Ended, 0)
  t.match(told, {
    connected: true,
    from: 'email:george@hillvalley.edu',
    to: 'phone:717171',
    chain: [{ from: 'email:george@hillvalley.edu', to: 'phone:717171', evidence: { count: 1 } }],
    joinedBy: { type: 'ContactsMerged', position: 4, observation: 3 }
  })
  t.same(documentOf(t, named?.end as Ended, 0), told, 'ends may be named')
  t.equal(documentOf(t, byEmail?.end as Ended, 0).chain.length, 2, 'a chain may be longer')
  t.match(
    documentOf(t, apart?.end as Ended, 1),
    { connected: false, chain: [], joinedBy: null },
    'two people are not connected'
  )
  t.match(
    documentOf(t, itself?.end as Ended, 0),
    { connected: true, chain: [], joinedBy: null },
    'one is one'
  )
})

t.test('why speaks to people, and says when it can’t', async (t) => {
  const dir = await recorded(t)
  const lines = [
    ['why', 'contact:1', 'contact:2'],
    ['why', 'contact:1', 'contact:3'],
    ['why', 'contact:1', 'contact:99'],
    ['why', 'contact:1', 'email:nobody@home.example']
  ]
  const [joined, apart, noContact, nobody] = (await all(t, dir, lines)).map(({ end }) => end)
  t.equal(joined?.code, 0)
  t.match(joined?.stdout, /are one person:\n.*seen together once, at 3 .*\n.*by the merge at 4/s)
  t.equal(apart?.code, 1)
  t.match(apart?.stdout, /not connected/)
  for (const [end, name] of [
    [noContact, 'contact:99'],
    [nobody, 'that email']
  ] as const) {
    t.equal(end?.code, 1)
    t.equal(end?.stdout, '')
    t.equal(end?.stderr, `Nothing is known about ${name}.\n  /to is not known\n`)
  }
})

t.test('a program that asks for a document gets one where the answer is no, too', async (t) => {
  const dir = await recorded(t)
  const none = 'Nothing is known about contact:99.'
  const notKnown = {
    code: 'not_found',
    message: none,
    problems: [{ path: '/to', message: 'is not known' }]
  }
  const two = ['--email', 'george@hillvalley.edu', '--phone', '123456']
  const lines = [
    { args: ['why', 'contact:1', 'contact:99'], error: notKnown },
    {
      args: ['contact', String(Number.MAX_SAFE_INTEGER)],
      error: { code: 'not_found' }
    },
    { args: ['contact', '99'], error: { code: 'not_found', message: 'There is no contact 99.' } },
    { args: ['identity', ...two], error: { code: 'conflict' } },
    {
      args: ['block', 'email:nobody@home.example', '--actor', 'ann', '--reason', 'a test'],
      error: { code: 'not_found' }
    }
  ]
  const ended = await all(
    t,
    dir,
    lines.map(({ args }) => [...args, '--json'])
  )
  for (const [nth, { end }] of ended.entries()) {
    const { args, error } = lines[nth] as (typeof lines)[number]
    const told = documentOf(t, { ...end, stderr: '' }, 1)
    t.match(told, { error }, `ledger ${args.join(' ')}`)
    t.ok(end.stderr.includes(`${told.error.message}\n`), 'and people are told the same')
  }
})

t.test('a phone is understood in the region of the ledger', async (t) => {
  const dir = freshFolder(t)
  await record(dir, [{ email: 'doc@lab.example', phoneNumber: '+17029191300' }])
  const env = { PHONE_REGION: 'us' }
  const args = ['why', 'contact:1', 'phone:(702) 919-1300', '--json']
  const { to } = documentOf(t, await ledger(t, dir, args, { env }), 0)
  t.equal(to, 'phone:+17029191300')
})

t.test('events prints the log', async (t) => {
  const dir = await recorded(t)
  const lines = [
    ['events', '--json'],
    ['events', '--after', '2', '--limit', '3', '--json'],
    ['events', '--after', '4', '--limit', '3', '--json'],
    ['events', '--after', '99', '--json'],
    ['events', '--limit', '0', '--json']
  ]
  const [whole, page, last, beyond, none] = (await all(t, dir, lines)).map(({ end }) =>
    documentOf(t, end, 0)
  )
  t.equal(whole.next, null)
  t.match(whole.events, [
    {
      position: 1,
      type: 'ContactObserved',
      recordedAt: '2026-01-01T00:00:00.000Z',
      data: { email: 'george@hillvalley.edu', phoneNumber: '919191', contact: 1 }
    },
    { position: 2, data: { contact: 2 } },
    { position: 3, data: { contact: null } },
    { position: 4, type: 'ContactsMerged', data: { survivor: 1, absorbed: [2], cause: 3 } },
    { position: 5, data: { idempotencyKey: 'order-1' } },
    { position: 6, data: { contact: 4 } },
    { position: 7, data: { phoneNumber: null, contact: 5 } }
  ])
  t.equal(whole.events.length, events, 'all of it')
  t.same(page, { events: whole.events.slice(2, 5), next: 5 }, 'a part, and where it goes on')
  t.same(last, { events: whole.events.slice(4), next: null }, 'the end')
  t.same(beyond, { events: [], next: null }, 'nothing beyond it')
  t.same(none.events, [], 'none')

  const [text, some, nothing] = await all(t, dir, [
    ['events'],
    ['events', '--after', '5', '--limit', '1'],
    ['events', '--after', '99']
  ])
  const parsed = (end: Ended | undefined) =>
    end?.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  t.same(parsed(text?.end), whole.events, 'one object a line for pipes')
  t.same(parsed(some?.end), whole.events.slice(5, 6))
  t.equal(nothing?.end.stdout, '', 'and nothing at all where there is none')
})

t.test('a reader that has seen enough ends a listing quietly', async (t) => {
  const dir = freshFolder(t)
  const long = (nth: number) => `${'x'.repeat(200)}.${nth}@home.example`
  await record(
    dir,
    Array.from({ length: 600 }, (_, nth) => ({ email: long(nth) }))
  )
  const piped = { within: '"$@" | head -n 1; exit' }
  for (const format of [[], ['--json']]) {
    const { stdout, stderr } = await ledger(t, dir, ['events', ...format], piped)
    t.not(stdout, '')
    t.notMatch(stderr, /EPIPE|\n +at /, 'without a stack')
  }
})

t.test('beside a running server', async (t) => {
  const dir = await recorded(t)
  const server = await serve(t, dir)
  let asking = true
  let asked = 0
  const load = async () => {
    while (asking) {
      const nth = asked++
      const phoneNumber = String(555_000 + (nth % 300))
      await server.identify({ email: `load.${nth % 5_000}@shop.example`, phoneNumber })
    }
  }
  const loading = Promise.all(Array.from({ length: 4 }, load))
  const check = documentOf(t, await ledger(t, dir, ['replay', '--check', '--json']), 0)
  t.equal(check.equal, true, 'the read model equals a rebuild')
  const verdict = documentOf(t, await ledger(t, dir, ['verify', '--json']), 0)
  t.match(verdict, { ok: true, problems: [] }, 'the ledger is sound')
  t.ok(verdict.events > check.events && check.events > events, 'while it is written')
  const why = documentOf(t, await ledger(t, dir, ['why', 'contact:1', 'contact:2', '--json']), 0)
  t.equal(why.connected, true, 'questions are answered')
  const page = documentOf(t, await ledger(t, dir, ['events', '--limit', '2', '--json']), 0)
  t.equal(page.events.length, 2, 'the log is told')
  asking = false
  await loading
  t.equal((await server.stop('SIGTERM')).code, 0)
  const { digest } = documentOf(t, await ledger(t, dir, ['replay', '--check', '--json']), 0)
  t.equal(documentOf(t, await ledger(t, dir, ['verify', '--json']), 0).digest, digest)
})

t.test('a server that is told to stop as soon as it listens stops cleanly, too', async (t) => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  const server = start(t, freshFolder(t), ['serve'], { env: { PORT: String(port) } })
  const listens = async () => {
    const connection = connect(port, '127.0.0.1')
    return once(connection, 'connect').then(
      () => connection.destroy(),
      () => null
    )
  }
  while ((await listens()) === null);
  const { code, stdout } = await server.stop('SIGTERM')
  t.equal(code, 0)
  t.match(stdout, /"msg":"stopped"}\n$/)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} stops a server cleanly`, async (t) => {
    const dir = freshFolder(t)
    const server = await serve(t, dir)
    const answered: string[] = []
    const refused: number[] = []
    const load = async (connection: number) => {
      for (let nth = 0; ; nth++) {
        const email = `${connection}.${nth}@stop.example`
        const answer = await server.identify({ email }).catch(() => null)
        if (answer === null) return
        if (answer.status === 200) answered.push(email)
        else return refused.push(answer.status)
      }
    }
    const loading = Promise.all(Array.from({ length: 16 }, (_, connection) => load(connection)))
    await new Promise((resolve) => setTimeout(resolve, 300))
    const asked = Date.now()
    const { code, stdout, stderr } = await server.stop(signal)
    await loading
    t.equal(code, 0, 'exit 0')
    t.equal(stderr, '', 'without a complaint')
    t.match(stdout, /"msg":"stopped"}\n$/, 'and a last line')
    t.ok(Date.now() - asked < 4_000, 'without waiting for idle connections')
    t.ok(
      refused.every((status) => status === 503),
      'who comes late is told to come again',
      { refused }
    )
    t.same(
      readdirSync(dir).filter((name) => /-(?:wal|shm|journal)$/.test(name)),
      [],
      'nothing is left beside its files'
    )
    const { stdout: log } = await ledger(t, dir, ['events'])
    t.same(
      answered.filter((email) => !log.includes(`"${email}"`)),
      [],
      'whatever was answered is recorded'
    )
    t.ok(answered.length > 0)
    t.equal((await ledger(t, dir, ['verify'])).code, 0, 'the read model was kept')
  })
}

t.test(
  'a server that stops answers every decision, with 503 where there is no time for it',
  async (t) => {
    const dir = freshFolder(t)
    const phoneNumber = '1'
    const contacts = Array.from({ length: 4_000 }, (_, nth) => ({ email: `${nth}@x`, phoneNumber }))
    await record(dir, contacts)
    const server = await serve(t, dir)
    // Each takes a plan, and plans are made one after another.
    const decisions = contacts.map(async ({ email }) => {
      const said = { actor: 'ann', reason: 'a test' }
      const body = { type: 'IdentifierBlocked', identifier: `email:${email}`, ...said }
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body)
      }
      const answer = await fetch(`${server.url}/decisions`, init).catch(() => null)
      return answer?.status ?? 'none'
    })
    await Promise.race(decisions)
    const { code, stderr } = await server.stop('SIGTERM')
    const told = new Map<number | string, number>()
    for (const status of await Promise.all(decisions)) told.set(status, (told.get(status) ?? 0) + 1)
    t.same([code, stderr], [0, ''])
    t.same(new Set(told.keys()), new Set([200, 503]), 'each is answered', { told: [...told] })
    t.equal((await ledger(t, dir, ['verify'])).code, 0)
  }
)
