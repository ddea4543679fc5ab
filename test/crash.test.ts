import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { mayLack, noteUnsynced, settleOnDisk, syncLeft } from '../projections/unsynced.ts'
import { filesOf, holdLog, openModel } from '../scripts/wiring.ts'
import type { Recorded } from '../src/domain/event.ts'
import { eventsIn, problemsIn } from './support/closed-ledger.ts'
import {
  freshFolder,
  ledger,
  type Request,
  record,
  type Server,
  serve,
  start
} from './support/process.ts'

/** Opens and closes a ledger as a start and a stop do; why its read model was rebuilt, if it was. */
async function heal(dir: string): Promise<string | null> {
  let reason: string | null = null
  const held = holdLog({ ledgerDir: dir }, { create: false })
  try {
    const rebuilding = (told: string) => {
      reason = told
    }
    const model = await openModel({ ledgerDir: dir }, held.log, { rebuilding })
    model.close()
  } finally {
    await held.close()
  }
  return reason
}

const below = (bound: number) => Math.floor(Math.random() * bound)

/** A request under load. Its tag, a key or else an email of its own, tells it from all others. */
type Tagged = Request & { readonly tag: string }

/** What was asked of a ledger through all its crashes. */
class Load {
  readonly asked = new Map<string, Tagged>()
  readonly answered = new Set<string>()
  readonly #emails: string[] = []
  #tags = 0

  /** Half of the requests bring something new; half join, under a key, what may be known apart. */
  next(): Tagged {
    const tag = `t${this.#tags++}`
    const phoneNumber = `555${below(400)}`
    const own = `${tag}@crash.example`
    const known = this.#emails[below(this.#emails.length)]
    const roll = below(4)
    if (roll === 0) return { tag: own, email: own }
    if (roll === 1) return { tag: own, email: own, phoneNumber }
    return { tag, key: tag, phoneNumber, email: roll === 2 && known !== undefined ? known : own }
  }

  async ask(server: Server, request: Tagged): Promise<boolean> {
    const { tag, key, ...body } = request
    this.asked.set(tag, request)
    const answer = await server.identify(body, key).catch(() => null)
    if (answer?.status !== 200) return false
    this.answered.add(tag)
    if (key === undefined && body.email !== undefined) this.#emails.push(body.email)
    return true
  }

  /** Asks over many connections until the server does not answer any more. */
  async run(server: Server) {
    const connection = async () => {
      while (await this.ask(server, this.next()));
    }
    await Promise.all(Array.from({ length: 24 }, connection))
  }

  /** Sends again, under their keys, the requests that got no answer. */
  async retry(server: Server) {
    const open = [...this.asked.values()].filter(({ tag }) => !this.answered.has(tag))
    for (const request of open) {
      if (request.key === undefined) continue
      await this.ask(server, request)
      await this.ask(server, request)
    }
  }
}

const tagOf = ({ event, identifiers }: Recorded) =>
  event.type === 'ContactObserved' ? (event.idempotencyKey ?? identifiers[0]?.value) : undefined

const crashes = 32

t.setTimeout(480_000)

t.test('a server killed at any moment loses and doubles nothing that it answered', async (t) => {
  const dir = freshFolder(t)
  const load = new Load()
  let before: Recorded[] = []
  const wrong = { lost: 0, doubled: 0, unknown: 0, rewritten: 0, unsound: [] as string[] }
  let killedUnderLoad = 0

  for (let crash = 0; crash < crashes; crash++) {
    const answeredBefore = load.answered.size
    if (crash % 8 === 7) {
      // Killed while it starts, every other time with a read model to rebuild.
      if (crash % 16 === 7) rmSync(filesOf({ ledgerDir: dir }).readModel)
      const starting = start(t, dir, ['serve'])
      await wait(350 + below(400))
      await starting.stop('SIGKILL')
    } else {
      const server = await serve(t, dir)
      await load.retry(server)
      const loading = load.run(server)
      await wait(30 + below(400))
      // Killed while it works, or now and then while it stops.
      if (crash % 8 === 5) {
        process.kill(server.pid, 'SIGTERM')
        await wait(below(25))
      }
      const { signal } = await server.stop('SIGKILL')
      if (signal === 'SIGKILL') killedUnderLoad++
      await loading
    }

    const events = await eventsIn(dir)
    const times = new Map<string, number>()
    for (const event of events) {
      const tag = tagOf(event)
      if (tag !== undefined) times.set(tag, (times.get(tag) ?? 0) + 1)
    }
    for (const tag of load.answered) if (!times.has(tag)) wrong.lost++
    for (const [tag, count] of times) {
      if (count > 1) wrong.doubled++
      if (!load.asked.has(tag)) wrong.unknown++
    }
    const kept = JSON.stringify(events.slice(0, before.length)) === JSON.stringify(before)
    if (!kept) wrong.rewritten++
    before = events

    // What the kill left shows some beginning of the log; opened again, all of it.
    if (existsSync(filesOf({ ledgerDir: dir }).readModel))
      wrong.unsound.push(...(await problemsIn(dir)))
    if (crash % 3 === 0) {
      await heal(dir)
      wrong.unsound.push(...(await problemsIn(dir)))
    }
    const answered = load.answered.size - answeredBefore
    t.comment(`crash ${crash + 1}: ${answered} answered, ${events.length} events in all`)
  }

  t.ok(killedUnderLoad >= 25, `was killed under load ${killedUnderLoad} times`)
  t.ok(load.answered.size > 1_000, `had answered ${load.answered.size} requests`)
  t.ok(
    before.some(({ event }) => event.type === 'ContactsMerged'),
    'had merged identities'
  )
  t.equal(wrong.lost, 0, 'had every answered request on disk')
  t.equal(wrong.doubled, 0, 'had none of them twice, with or without an answer')
  t.equal(wrong.unknown, 0, 'had nothing on disk that was not asked')
  t.equal(wrong.rewritten, 0, 'had left the older events as they were')
  t.same(wrong.unsound, [], 'had a read model that shows its log')

  const server = await serve(t, dir)
  await load.retry(server)
  const { body } = await server.get('/health/ready')
  t.equal(body.readModel, body.head, 'is ready again at the head of its log')
  t.equal((await server.stop('SIGTERM')).code, 0, 'and stops cleanly')
  t.same(await problemsIn(dir), [], 'with a read model that equals a rebuild')
  const events = await eventsIn(dir)
  const keys = events.map(tagOf).filter((tag) => tag !== undefined && load.asked.get(tag)?.key)
  const keyed = [...load.asked.values()].filter(({ key }) => key !== undefined)
  t.equal(keys.length, keyed.length, 'and every request under a key is recorded exactly once')
})

/** Two dozen people, some of them merged later. */
const requests: readonly Request[] = Array.from({ length: 90 }, (_, nth) => ({
  email: `person.${nth % 48}@home.example`,
  phoneNumber: `555000${nth < 48 ? nth % 24 : nth % 30}`,
  ...(nth % 5 === 0 ? { key: `key-${nth}` } : {})
}))

/** A ledger after a clean stop, and as a kill leaves it: its files copied while it was open. */
async function ledgers(t: Test) {
  const [stopped, killed] = [freshFolder(t), freshFolder(t)]
  await record(stopped, requests, {
    whileOpen: () => cpSync(stopped, killed, { recursive: true })
  })
  return { 'after a clean stop': stopped, 'after a kill': killed }
}

function overwrite(path: string, at: number, bytes: Uint8Array) {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}

const middle = (path: string) => Math.floor(statSync(path).size / 2)

/** What may befall the file of a read model. */
const damages: Readonly<Record<string, (path: string) => void>> = {
  'is deleted': (path) => rmSync(path),
  'is emptied': (path) => truncateSync(path),
  'is cut in half': (path) => truncateSync(path, middle(path)),
  'is cut within a page': (path) => truncateSync(path, middle(path) + 1_000),
  'is cut within its header': (path) => truncateSync(path, 50),
  'lost its last byte': (path) => truncateSync(path, statSync(path).size - 1),
  'has garbage after its end': (path) => appendFileSync(path, randomBytes(10_000)),
  'is overwritten as a whole': (path) => writeFileSync(path, randomBytes(statSync(path).size)),
  'is overwritten by a text': (path) => writeFileSync(path, 'not a database'),
  'has its first bytes overwritten': (path) => overwrite(path, 0, randomBytes(16)),
  'has its header overwritten': (path) => overwrite(path, 0, randomBytes(100)),
  'has its head overwritten': (path) => overwrite(path, 0, randomBytes(8_192)),
  'has its middle overwritten': (path) => overwrite(path, middle(path), randomBytes(8_192)),
  'has its middle zeroed': (path) => overwrite(path, middle(path), new Uint8Array(8_192)),
  'lost its WAL': (path) => rmSync(`${path}-wal`, { force: true }),
  'has a WAL of garbage': (path) => writeFileSync(`${path}-wal`, randomBytes(40_000)),
  'has a WAL index of garbage': (path) => writeFileSync(`${path}-shm`, randomBytes(32_768)),
  'has a rollback journal of garbage': (path) =>
    writeFileSync(`${path}-journal`, randomBytes(4_096)),
  'is half of a rebuild': (path) => writeFileSync(`${path}.new`, randomBytes(4_096))
}

t.test('a read model that is damaged shows its log once it is opened', async (t) => {
  const kept = await ledgers(t)
  for (const [damage, befall] of Object.entries(damages)) {
    for (const [when, ledger] of Object.entries(kept)) {
      const dir = freshFolder(t)
      cpSync(ledger, dir, { recursive: true })
      befall(filesOf({ ledgerDir: dir }).readModel)
      await heal(dir)
      t.same(await problemsIn(dir), [], `it ${damage} ${when}`)
    }
  }
})

const tellsBoots = existsSync('/proc/sys/kernel/random/boot_id')

t.test('a read model that may lack what was not on disk is built anew', async (t) => {
  const { 'after a clean stop': stopped, 'after a kill': killed } = await ledgers(t)
  const modelOf = (dir: string) => filesOf({ ledgerDir: dir }).readModel
  const noteOf = (dir: string) => `${modelOf(dir)}-unsynced`
  const copyOf = (from: string) => {
    const dir = freshFolder(t)
    cpSync(from, dir, { recursive: true })
    return dir
  }

  t.notOk(existsSync(noteOf(stopped)), 'it is all on disk after a clean stop')
  t.equal(existsSync(noteOf(killed)), tellsBoots, 'and may not be after a kill')
  t.equal(await heal(copyOf(killed)), null, 'which the system that goes on makes good')

  const begun = copyOf(stopped)
  writeFileSync(noteOf(begun), '')
  t.equal(await heal(begun), null, 'it is not written before its note is')

  const [boot = '', device = ''] = tellsBoots ? readFileSync(noteOf(killed), 'utf8').split(' ') : []
  const notes: Readonly<Record<string, (note: string) => void>> = {
    'the system was started again': (note) =>
      writeFileSync(note, `${boot.replace(/./, 'x')} ${device}`),
    'it came to another disk': (note) => writeFileSync(note, `${boot} 9${device}`),
    'nobody can read which boot it was': (note) => mkdirSync(note)
  }
  for (const [since, put] of Object.entries(notes)) {
    const dir = copyOf(stopped)
    const db = new Database(modelOf(dir))
    db.exec('DELETE FROM pairs')
    db.close()
    t.not((await problemsIn(dir)).length, 0, 'may lack what no look at its structure tells')
    put(noteOf(dir))
    const asked = copyOf(dir)
    t.match(await heal(dir), /may lack/, `it is not used when ${since}`)
    t.same(await problemsIn(dir), [], 'and built anew')
    t.notOk(existsSync(noteOf(dir)))
    t.equal((await ledger(t, asked, ['why', 'contact:1', 'contact:25'])).code, 0)
    t.same(await problemsIn(asked), [], 'by whoever asks first')
  }
})

t.test(
  'a read model that the disk refuses to keep is given up',
  { skip: !tellsBoots },
  async (t) => {
    const path = join(freshFolder(t), 'contacts.db')
    writeFileSync(path, 'written')
    t.ok(noteUnsynced(path))
    t.ok(syncLeft(path), 'what a killed process left is brought to the disk')
    // A socket can't be opened, and so not be synced.
    const refusing = createServer().listen(`${path}-wal`)
    await once(refusing, 'listening')
    t.notOk(syncLeft(path))
    t.notOk(mayLack(path), 'though the system has not stopped')
    settleOnDisk(path)
    t.notOk(existsSync(path))
    t.notOk(existsSync(`${path}-unsynced`))
    refusing.close()
  }
)

t.test('a read model that can’t be loaded from is built anew by the next start', async (t) => {
  const dir = freshFolder(t)
  const many = Array.from({ length: 1_200 }, (_, nth) => ({ email: `${nth}@x`, phoneNumber: '1' }))
  await record(dir, many)
  const db = new Database(filesOf({ ledgerDir: dir }).readModel)
  db.exec('UPDATE minted SET withdrawn_at = 1')
  db.close()
  const { code } = await start(t, dir, ['serve']).ended
  t.equal(code, 1)
  const server = await serve(t, dir)
  t.equal((await server.get('/contacts?email=7@x')).body.primaryContactId, 1)
  await server.stop('SIGTERM')
  t.same(await problemsIn(dir), [])
})

t.test('a read model of which any one page is overwritten shows its log again', async (t) => {
  const { 'after a clean stop': ledger } = await ledgers(t)
  const { readModel } = filesOf({ ledgerDir: ledger })
  const db = new Database(readModel, { readonly: true })
  const pageSize = Number(db.pragma('page_size', { simple: true }))
  db.close()
  const pageCount = statSync(readModel).size / pageSize
  const unhealed: number[] = []
  const dir = freshFolder(t)
  for (let page = 0; page < pageCount; page++) {
    cpSync(ledger, dir, { recursive: true })
    overwrite(filesOf({ ledgerDir: dir }).readModel, page * pageSize, randomBytes(pageSize))
    const reason = await heal(dir)
    if (reason === null || (await problemsIn(dir)).length > 0) unhealed.push(page + 1)
  }
  t.same(unhealed, [], `whichever of its ${pageCount} pages it was`)
})

t.test('a server heals its read model as it starts, and says so', async (t) => {
  const { 'after a kill': dir } = await ledgers(t)
  writeFileSync(filesOf({ ledgerDir: dir }).readModel, randomBytes(20_000))
  const server = await serve(t, dir)
  const { body } = await server.get('/contacts?email=person.0@home.example')
  t.equal(body.primaryContactId, 1)
  const { code, stdout } = await server.stop('SIGTERM')
  t.equal(code, 0)
  t.match(stdout, /"reason":"[^"]+".*"msg":"rebuilding the read model"/)
  t.same(await problemsIn(dir), [])
})

t.test('a read model is not believed when its log', async (t) => {
  const later: readonly Request[] = [{ email: 'later@home.example', phoneNumber: '5550001' }]
  const other = later.map(({ phoneNumber = '' }) => ({ email: 'other@home.example', phoneNumber }))

  await t.test('was restored from an older copy', async (t) => {
    const dir = freshFolder(t)
    const { log } = filesOf({ ledgerDir: dir })
    await record(dir, requests)
    copyFileSync(log, `${log}.copy`)
    await record(dir, later)
    const [head] = (await eventsIn(dir)).slice(-1)
    copyFileSync(`${log}.copy`, log)
    t.match(await problemsIn(dir), [/ahead of the log/], 'verify says so, too')
    t.equal(await heal(dir), 'it is ahead of the log')
    t.same(await problemsIn(dir), [])
    t.ok((await eventsIn(dir)).length < (head?.position ?? 0))
  })

  await t.test('was restored and has grown other events since', async (t) => {
    const dir = freshFolder(t)
    const { log, readModel } = filesOf({ ledgerDir: dir })
    await record(dir, requests)
    copyFileSync(log, `${log}.copy`)
    await record(dir, [...later, ...later])
    copyFileSync(readModel, `${readModel}.copy`)
    copyFileSync(`${log}.copy`, log)
    await wait(2)
    await record(dir, [...other, ...other, ...other])
    copyFileSync(`${readModel}.copy`, readModel)
    t.not((await problemsIn(dir)).length, 0, 'verify says so, too')
    t.equal(await heal(dir), 'it shows events that the log does not hold')
    t.same(await problemsIn(dir), [])
  })

  await t.test('is that of another ledger', async (t) => {
    const [dir, stranger] = [freshFolder(t), freshFolder(t)]
    await record(dir, requests)
    await record(stranger, requests)
    copyFileSync(filesOf({ ledgerDir: stranger }).readModel, join(dir, 'contacts.db'))
    t.equal(await heal(dir), 'it belongs to another ledger')
    t.same(await problemsIn(dir), [])
  })
})
