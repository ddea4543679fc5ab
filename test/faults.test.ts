import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { filesOf, readLog } from '../scripts/wiring.ts'
import { readConfig } from '../src/config.ts'
import { pages } from '../src/log/event-log.ts'
import {
  type Answer,
  type Ended,
  freshFolder,
  ledger,
  record,
  type Server,
  serve
} from './support/process.ts'

t.setTimeout(480_000)

const root = process.getuid?.() === 0

/** Whether a shell script runs here without a complaint. */
function can(script: string): boolean {
  try {
    execFileSync('bash', ['-c', script], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A process that gave up says why in a line, with no stack. */
function gaveUp(
  t: Test,
  { code, signal, stderr }: Ended,
  expected: number,
  reason: RegExp,
  claim: string
) {
  t.equal(code, expected, `${claim}: exit ${expected}`, { signal })
  t.match(stderr, reason, `${claim}: says why`)
  t.notMatch(stderr, /\n +at |Error:|SQLITE|file:\/\//, `${claim}: without a stack`)
  t.ok(stderr.split('\n').length <= 3, `${claim}: in a line`, { stderr })
}

/** An answer that says what went wrong, and nothing of how the program is made. */
function isProblem(t: Test, { status, type, body }: Answer, expected: number, claim: string) {
  t.equal(status, expected, `${claim}: ${expected}`)
  t.equal(type, 'application/problem+json', `${claim}: as problem details`)
  t.match(body, { title: String, status: expected, detail: String }, `${claim}: with a reason`)
  t.notMatch(
    JSON.stringify(body),
    /\.ts|node_modules|SELECT|sqlite|stack/i,
    `${claim}: no internals`
  )
}

/** The emails that a closed ledger has recorded. */
async function emailsIn(dir: string): Promise<string[]> {
  const log = readLog(readConfig({ LEDGER_DIR: dir }))
  const emails: string[] = []
  for await (const page of pages(log, 0, await log.head())) {
    for (const { identifiers } of page) {
      emails.push(...identifiers.filter(({ kind }) => kind === 'email').map(({ value }) => value))
    }
  }
  await log.close()
  return emails
}

/** Asks over many connections until the server refuses; what was answered, and the refusals. */
async function fill(server: Server) {
  const answered: string[] = []
  const refusals: Answer[] = []
  let asked = 0
  const connection = async () => {
    for (;;) {
      const email = `${'x'.repeat(200)}.${asked++}@fill.example`
      const answer = await server.identify({ email }).catch(() => null)
      if (answer?.status === 200) answered.push(email)
      else if (answer !== null) refusals.push(answer)
      if (answer?.status !== 200) return
    }
  }
  await Promise.all(Array.from({ length: 32 }, connection))
  return { answered, refusals }
}

/** Ways to run out of room, and to have it again. */
const disks: Readonly<Record<string, Disk>> = {
  'that lets no file grow': {
    works: can('ulimit -f 2400'),
    folder: freshFolder,
    // Where every request is committed by itself, a quarter of that takes fewer than a hundred.
    tight: 'ulimit -f 2400',
    makeRoom() {}
  },
  'that is full': {
    works: root && can('d=$(mktemp -d) && mount -t tmpfs none "$d" && umount "$d" && rmdir "$d"'),
    folder(t) {
      const dir = freshFolder(t)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', dir])
      t.teardown(() => execFileSync('umount', ['-l', dir]))
      return dir
    },
    makeRoom: (dir) => execFileSync('mount', ['-o', 'remount,size=64m', dir])
  }
}

type Disk = {
  readonly works: boolean
  folder(t: Test): string
  /** What a process runs within while there is no room. */
  readonly tight?: string
  makeRoom(dir: string): void
}

for (const [how, { works, folder, tight, makeRoom }] of Object.entries(disks)) {
  const skip = works ? false : 'this system can’t make such a disk'
  t.test(`a ledger on a disk ${how} loses nothing that it answered`, { skip }, async (t) => {
    const dir = folder(t)
    const within = tight === undefined ? {} : { within: tight }
    const server = await serve(t, dir, within)
    const { answered, refusals } = await fill(server)
    t.ok(answered.length > 100, `some requests were answered: ${answered.length}`)
    // Where the read model is the first to find no room, in a pause, nobody is there to be refused.
    for (const refusal of refusals.slice(0, 1)) isProblem(t, refusal, 503, 'a refusal')
    t.ok(
      refusals.every(({ status }) => status === 503),
      'all of them as unavailable'
    )
    const end = await server.ended
    gaveUp(t, end, 1, /A write failed.*Start again/, 'the server gives up')
    t.notMatch(end.stdout, /fill\.example/, 'and logs no email')

    makeRoom(dir)
    const again = await serve(t, dir)
    const { status } = await again.identify({ email: 'after@fill.example' })
    t.equal(status, 200, 'with room it goes on')
    t.equal((await again.stop('SIGTERM')).code, 0)
    const kept = new Set(await emailsIn(dir))
    t.same(
      answered.filter((email) => !kept.has(email)),
      [],
      'and whatever was answered is there'
    )
    t.equal((await ledger(t, dir, ['verify'])).code, 0, 'in a sound ledger')
  })
}

const requests = Array.from({ length: 40 }, (_, nth) => ({
  email: `person.${nth % 20}@home.example`,
  phoneNumber: `555000${nth % 12}`
}))

/** A ledger of a few people, closed. */
async function recorded(t: Test): Promise<string> {
  const dir = freshFolder(t)
  await record(dir, requests)
  return dir
}

/** Does something to a ledger's log behind its back. */
function tamper(dir: string, statements: string) {
  const db = new Database(filesOf({ ledgerDir: dir }).log)
  db.exec(statements)
  db.close()
}

const corrupt = (dir: string, position: number) =>
  tamper(
    dir,
    `DROP TRIGGER event_never_changes;
     UPDATE events SET data = '{"secret": 1}' WHERE position = ${position}`
  )

const canMount = !root || can('unshare --mount true')
const skip = canMount ? false : 'this system can’t make a folder read-only for root'
t.test(
  'a ledger in a folder that can’t be written is neither served nor read',
  { skip },
  async (t) => {
    const dir = await recorded(t)
    const readOnly =
      'mount --bind "$LEDGER_DIR" "$LEDGER_DIR" && mount -o remount,bind,ro "$LEDGER_DIR"'
    if (!root) chmodSync(dir, 0o555)
    t.teardown(() => chmodSync(dir, 0o755))
    const within = root
      ? { within: `set -- unshare --mount bash -c '${readOnly} && exec "$@"' bash "$@"` }
      : {}
    const verbs = [['serve'], ['replay'], ['verify'], ['events'], ['why', 'contact:1', 'contact:1']]
    const ends = await Promise.all(verbs.map((args) => ledger(t, dir, args, within)))
    for (const [nth, end] of ends.entries()) {
      const verb = verbs[nth]?.[0] ?? ''
      const writes = verb === 'serve' || verb === 'replay'
      const reason = writes
        ? /ledger\.lock can't be taken: /
        : /ledger\.db can't be opened: the file or its folder can’t be read and written by this user\./
      gaveUp(t, end, 3, reason, verb)
      t.ok(end.stderr.includes(dir), `${verb}: names the ledger`)
    }
  }
)

t.test('a folder that can’t be one is named', async (t) => {
  const file = join(freshFolder(t), 'file')
  writeFileSync(file, '')
  for (const dir of [file, join(file, 'data')]) {
    const end = await ledger(t, dir, ['serve'])
    gaveUp(t, end, 3, /can't be made/, 'a file in its place')
    t.ok(end.stderr.includes(dir))
  }
})

const noProc = !existsSync('/proc/self') && 'needs /proc'
t.test('where the system has no folders made, that is told', { skip: noProc }, async (t) => {
  const end = await ledger(t, '/proc/ledger/data', ['serve'])
  gaveUp(t, end, 3, /can't be made/, 'serve')
  const dir = await recorded(t)
  gaveUp(t, await ledger(t, dir, ['backup', '/proc/ledger']), 1, /can't be written/, 'backup')
})

t.test('a ledger is served by one process until that one ends', async (t) => {
  const dir = await recorded(t)
  const server = await serve(t, dir)
  for (const verb of ['serve', 'replay']) {
    const end = await ledger(t, dir, [verb])
    gaveUp(t, end, 3, new RegExp(`Another process \\(pid ${server.pid}\\)`), `${verb} beside it`)
  }
  t.equal((await server.get('/health/ready')).status, 200, 'it is served on')
  await server.stop('SIGKILL')
  t.equal((await ledger(t, dir, ['replay'])).code, 0, 'it is free when that one was killed')
})

t.test('a ledger from the future is left alone', async (t) => {
  const dir = await recorded(t)
  tamper(dir, 'PRAGMA user_version = 2')
  const before = readFileSync(filesOf({ ledgerDir: dir }).log)
  const verbs = [['serve'], ['replay'], ['verify'], ['events'], ['why', 'contact:1', 'contact:2']]
  const ends = await Promise.all(verbs.map((args) => ledger(t, dir, args)))
  for (const [nth, end] of ends.entries()) {
    gaveUp(t, end, 3, /written by a newer version of this program/, verbs[nth]?.[0] ?? '')
  }
  t.ok(readFileSync(filesOf({ ledgerDir: dir }).log).equals(before), 'its bytes are as they were')
})

t.test('an event that can’t be read fails those only who come to it', async (t) => {
  const dir = await recorded(t)
  const { readModel } = filesOf({ ledgerDir: dir })
  corrupt(dir, 3)

  const verdict = await ledger(t, dir, ['verify', '--json'])
  t.equal(verdict.code, 1, 'fails a verification')
  const { ok, problems } = JSON.parse(verdict.stdout)
  t.equal(ok, false)
  t.match(problems, [/position 3\b/], 'which names its position')

  const before = readFileSync(readModel)
  gaveUp(t, await ledger(t, dir, ['replay']), 1, /position 3\b/, 'stops a replay')
  t.ok(readFileSync(readModel).equals(before), 'which leaves the old read model')
  gaveUp(t, await ledger(t, dir, ['replay', '--check']), 1, /position 3\b/, 'stops a comparison')
  gaveUp(t, await ledger(t, dir, ['events']), 1, /position 3\b/, 'ends a listing')

  const server = await serve(t, dir)
  t.equal((await server.get('/contacts/1')).status, 200, 'does not stop a server from answering')
  t.equal((await server.identify(requests[0] ?? {})).status, 200, 'nor from recording')
  t.equal((await server.get('/events?after=3')).status, 200, 'nor from telling other events')
  const refusal = await server.get('/events')
  isProblem(t, refusal, 500, 'is a problem for who asks for it')
  t.notMatch(JSON.stringify(refusal), /secret/, 'which shows nothing of it')
  t.equal((await server.stop('SIGTERM')).code, 0)

  rmSync(readModel)
  gaveUp(t, await ledger(t, dir, ['serve']), 1, /position 3\b/, 'stops a server without read model')
})

t.test('a log is told to be damaged', async (t) => {
  const dir = freshFolder(t)
  const people = Array.from({ length: 300 }, (_, nth) => ({ email: `${nth}@home.example` }))
  await record(dir, people)
  const { log } = filesOf({ ledgerDir: dir })
  const whole = readFileSync(log)

  await t.test('in its events, by whoever comes to them', async (t) => {
    overwriteLeaf(log, 'events', 'min')
    const verdict = await ledger(t, dir, ['verify', '--json'])
    t.equal(verdict.code, 1, 'verify: exit 1')
    t.match(verdict.stdout, /^\{"ok":false,.*"problems":\["/, 'verify: says so')
    t.equal(verdict.stderr, '', 'verify: without a stack')
    gaveUp(t, await ledger(t, dir, ['events']), 1, /damaged|can't be read/, 'events')
    gaveUp(t, await ledger(t, dir, ['replay']), 1, /damaged|can't be read/, 'replay')
  })

  await t.test('in its values, by whoever opens it', async (t) => {
    writeFileSync(log, whole)
    overwriteLeaf(log, 'identifiers', 'max')
    for (const verb of ['serve', 'verify', 'events']) {
      gaveUp(t, await ledger(t, dir, [verb]), 3, /damaged/, verb)
    }
  })
})

/** Overwrites the first or last page of a table with what no database holds. */
function overwriteLeaf(path: string, table: string, which: 'min' | 'max') {
  const db = new Database(path, { readonly: true })
  const page = db
    .prepare<[string], number>(
      `SELECT ${which}(pageno) FROM dbstat WHERE name = ? AND pagetype = 'leaf'`
    )
    .pluck()
    .get(table)
  db.close()
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, ((page ?? 0) - 1) * 4_096)
  closeSync(file)
}

const noLimit = can('ulimit -f 100') ? false : 'this system can’t limit the size of files'
t.test('a rebuild without room leaves the old read model', { skip: noLimit }, async (t) => {
  const dir = freshFolder(t)
  const people = Array.from({ length: 600 }, (_, nth) => ({ email: `person.${nth}@home.example` }))
  await record(dir, people)
  const { readModel } = filesOf({ ledgerDir: dir })
  const before = readFileSync(readModel)
  const tight = { within: 'ulimit -f 40' }
  const reason = /contacts\.db can't be built: its disk can’t be written\./
  gaveUp(t, await ledger(t, dir, ['replay'], tight), 1, reason, 'replay')
  t.ok(readFileSync(readModel).equals(before), 'replay: the old read model is as it was')
  t.notOk(existsSync(`${readModel}.new`), 'replay: half of a new one takes no room')
  rmSync(readModel)
  gaveUp(t, await ledger(t, dir, ['serve'], tight), 1, reason, 'serve')
  t.equal((await ledger(t, dir, ['replay'])).code, 0, 'with room it is done')
  t.equal((await ledger(t, dir, ['verify'])).code, 0, 'and sound')
})

t.test('rejects without room are not taken for written', { skip: noLimit }, async (t) => {
  const dir = freshFolder(t)
  const file = join(dir, 'bad.csv')
  const rows = Array.from({ length: 9_000 }, (_, nth) => `bad${nth},${nth}`)
  writeFileSync(file, ['email,phone', ...rows, ''].join('\n'))
  const args = ['import', file]
  const tight = { within: 'ulimit -f 600' }
  const refused = { code: 1, stderr: /can't be written: .*goes on from there/ }
  t.match(await ledger(t, dir, args, tight), refused, 'what is not there is not counted')
  t.match(await ledger(t, dir, args), { code: 0, stdout: /9000 rejects/ }, 'with room it goes on')
  const lines = readFileSync(`${file}.rejects.csv`, 'utf8').trimEnd().split('\n')
  t.equal(lines.length, 9_001, 'and every reject is there once')
})

t.test('a port that another program uses is named', async (t) => {
  const dir = await recorded(t)
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const end = await ledger(t, dir, ['serve'], { env: { PORT: String(port) } })
  gaveUp(t, end, 1, new RegExp(`127\\.0\\.0\\.1:${port}.*another program uses that port`), 'serve')
  t.equal((await ledger(t, dir, ['replay'])).code, 0, 'and the ledger is free again')
})
