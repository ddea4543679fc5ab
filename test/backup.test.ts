import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { digestOf } from '../projections/digest.ts'
import { filesOf } from '../scripts/wiring.ts'
import type { Recorded } from '../src/domain/event.ts'
import { checkCopy, copyLog } from '../src/log/backup.ts'
import { sqliteLog } from '../src/log/sqlite.ts'
import { eventsIn } from './support/closed-ledger.ts'
import { shownBy } from './support/ledger.ts'
import { freshFolder, type Json, ledger, record, serve } from './support/process.ts'

t.setTimeout(480_000)

const people = Array.from({ length: 40 }, (_, nth) => ({
  email: `p${nth}@home.example`,
  phoneNumber: `${nth % 15}`
}))

async function recorded(t: Test): Promise<string> {
  const dir = freshFolder(t)
  await record(dir, people)
  return dir
}

const documentOf = (text: string): Json => JSON.parse(text)

t.test('a copy is of the moment at which it was begun, however much is written', async (t) => {
  const dir = await recorded(t)
  const path = filesOf({ ledgerDir: dir }).log
  const log = sqliteLog(path, 'write')
  t.teardown(() => log.close())
  const head = await log.head()
  const before = await eventsIn(dir)
  const observed = before.find(({ event }) => event.type === 'ContactObserved')
  let written = head
  const writes: Promise<void>[] = []
  const to = join(freshFolder(t), 'copy.db')
  await copyLog(path, to, () => {
    // Written before this returns: the adapter does all of it at once.
    const { event, identifiers, recordedAt } = observed as Recorded
    writes.push(log.append([{ position: written + 1, recordedAt, event, identifiers }], written))
    written++
  })
  await Promise.all(writes)
  t.ok(writes.length > 0, 'it was written to')
  t.equal(await log.head(), written)
  t.equal(await checkCopy(to), head, 'the copy ends where the log did')
  const copy = sqliteLog(to, 'read')
  t.strictSame(await copy.read(0, 1_000), before)
  t.equal(copy.id, log.id, 'and is of the same ledger')
  await copy.close()
})

t.test('a backup beside a busy server is restored', async (t) => {
  const dir = freshFolder(t)
  const server = await serve(t, dir)
  let [asked, busy] = [0, true]
  const answered = new Set<string>()
  const customer = async () => {
    while (busy) {
      const nth = asked++
      const { status } = await server.identify(
        { email: `p${nth}@x.example`, phoneNumber: `${nth % 400}` },
        `key-${nth}`
      )
      if (status === 200) answered.add(`key-${nth}`)
    }
  }
  const customers = Array.from({ length: 8 }, customer)
  while (answered.size < 500) await new Promise((resolve) => setTimeout(resolve, 5))
  const before = [...answered]
  const folder = join(freshFolder(t), 'kept', 'backup')
  const { code, stdout, stderr } = await ledger(t, dir, ['backup', folder, '--json'])
  busy = false
  await Promise.all(customers)
  t.strictSame([code, stderr], [0, ''])
  const { file, events: head, bytes } = documentOf(stdout)
  t.strictSame(readdirSync(folder), ['ledger.db'], 'it is one file')
  t.strictSame([file, bytes], [join(folder, 'ledger.db'), statSync(file).size])

  const all = await eventsIn(dir)
  const kept = await eventsIn(folder)
  t.strictSame(kept, all.slice(0, head), 'every event up to its head is there, and nothing else')
  t.ok(head < all.length, `the server went on writing, from ${head} to ${all.length}`)
  const keys = new Set(
    kept.map(({ event }) => (event.type === 'ContactObserved' ? event.idempotencyKey : undefined))
  )
  t.strictSame(
    before.filter((key) => !keys.has(key)),
    [],
    'among them all that was answered before'
  )

  const restored = join(freshFolder(t), 'data')
  cpSync(folder, restored, { recursive: true })
  const again = await serve(t, restored)
  const ready = await again.get('/health/ready')
  t.match(ready.body, { head, readModel: head }, 'the restored ledger is served')
  const compared = documentOf((await ledger(t, restored, ['replay', '--check', '--json'])).stdout)
  t.equal(compared.digest, shownBy([all.slice(0, head)], digestOf), 'with the digest of that time')
  t.equal(compared.equal, true)
  const { status } = await again.identify({ email: 'new@x.example' })
  t.equal(status, 200, 'and goes on')
  t.equal((await again.stop('SIGTERM')).code, 0)
  t.equal((await ledger(t, restored, ['verify'])).code, 0, 'and is sound')
})

t.test('an older backup in a newer folder is served as it is', async (t) => {
  const dir = await recorded(t)
  const folder = join(freshFolder(t), 'backup')
  const { code, stdout } = await ledger(t, dir, ['backup', folder])
  t.equal(code, 0)
  t.match(stdout, /read all of them back/)
  t.match(stdout, /stop the server, .*start the server/s, 'it says how to restore')
  await record(dir, [{ email: 'later@home.example', phoneNumber: '1' }])
  cpSync(filesOf({ ledgerDir: folder }).log, filesOf({ ledgerDir: dir }).log)
  const server = await serve(t, dir)
  t.equal((await server.get('/contacts?email=later@home.example')).status, 404)
  t.equal((await server.get('/contacts?email=p1@home.example')).status, 200)
  await server.stop('SIGTERM')
  t.equal((await ledger(t, dir, ['verify'])).code, 0)
})

t.test('a backup goes into a new or empty folder only', async (t) => {
  const dir = await recorded(t)
  const [empty, full, file] = [freshFolder(t), freshFolder(t), join(freshFolder(t), 'file')]
  writeFileSync(join(full, 'mine'), 'mine')
  writeFileSync(file, 'mine')
  t.equal((await ledger(t, dir, ['backup', empty])).code, 0)
  for (const folder of [full, empty, dir, file, join(file, 'below')]) {
    const { code, stdout, stderr } = await ledger(t, dir, ['backup', folder])
    t.strictSame([code, stdout], [1, ''], folder)
    t.match(stderr, /not empty|can't be written/)
  }
  t.strictSame(readdirSync(full), ['mine'])
  t.equal((await ledger(t, dir, ['backup'])).code, 2)
})

t.test('what is no whole ledger is not kept as a backup', async (t) => {
  const folder = join(freshFolder(t), 'kept', 'backup')
  const none = await ledger(t, join(folder, 'none'), ['backup', folder])
  t.equal(none.code, 3, 'no ledger')

  const damages: Readonly<Record<string, (path: string) => void>> = {
    'a damaged page': (path) => {
      const file = openSync(path, 'r+')
      writeSync(file, Buffer.alloc(4_096, 7), 0, 4_096, statSync(path).size - 8_192)
      closeSync(file)
    },
    'a file that is cut off': (path) => truncateSync(path, 4_096 * 4),
    'a ledger that lost an event': (path) => {
      const db = new Database(path)
      db.exec('DROP TRIGGER event_never_goes; DELETE FROM events WHERE position = 7')
      db.close()
    },
    'a ledger that lost a value': (path) => {
      const db = new Database(path)
      db.exec('DROP TRIGGER identifier_never_goes; DELETE FROM identifiers WHERE number = 7')
      db.close()
    }
  }
  for (const [what, befall] of Object.entries(damages)) {
    const dir = await recorded(t)
    befall(filesOf({ ledgerDir: dir }).log)
    const { code, stdout, stderr } = await ledger(t, dir, ['backup', folder])
    t.not(code, 0, what)
    t.strictSame([stdout, existsSync(join(folder, '..'))], ['', false], `${what}: nothing is left`)
    t.match(stderr, /damaged|missing|lacks/, `${what}: says why`)
    t.notMatch(stderr, /\n +at /, `${what}: no stack`)
  }
})
