import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { LedgerError } from '../../src/domain/errors.ts'
import type { Recorded } from '../../src/domain/event.ts'
import { sqliteLog } from '../../src/log/sqlite.ts'
import { freshFolder } from '../support/process.ts'
import { logContract, oneOfEach, refused, seen, seenFrom } from './contract.ts'

const freshPath = (t: Test) => join(freshFolder(t), 'ledger.db')

logContract('in SQLite', (t) => sqliteLog(freshPath(t), 'write'))

/** A file with a log of these events, closed. */
async function written(t: Test, events: readonly Recorded[]): Promise<string> {
  const path = freshPath(t)
  const log = sqliteLog(path, 'write')
  await log.append(events, 0)
  await log.close()
  return path
}

/** Does something to a file behind the log's back. */
function tamper(path: string, ...statements: string[]) {
  const db = new Database(path)
  for (const statement of statements) db.exec(statement)
  db.close()
}

const unprotected = `
  DROP TRIGGER event_never_changes;
  DROP TRIGGER event_never_goes;
  DROP TRIGGER identifier_never_goes`

function isRefused(t: Test, path: string, statement: string, reason: RegExp) {
  t.throws(() => tamper(path, statement), { message: reason }, statement)
}

t.test('the database itself refuses to change or forget an event', async (t) => {
  const path = await written(t, seenFrom(1, 3))
  for (const column of ['position', 'recorded_at', 'type', 'version', 'data']) {
    isRefused(t, path, `UPDATE events SET ${column} = ${column}`, /append-only/)
  }
  isRefused(t, path, 'DELETE FROM events WHERE position = 3', /append-only/)
  isRefused(t, path, 'DELETE FROM events', /append-only/)
  isRefused(t, path, "REPLACE INTO events VALUES (2, 0, 'x', 1, '{}')", /no gaps/)
  isRefused(
    t,
    path,
    "INSERT INTO events VALUES (2, 0, 'x', 1, '{}') ON CONFLICT DO UPDATE SET type = 'x'",
    /no gaps/
  )
  const log = sqliteLog(path, 'read')
  t.strictSame(await log.read(0, 10), seenFrom(1, 3))
  await log.close()
})

t.test('the database itself refuses a gap', async (t) => {
  const path = await written(t, seenFrom(1, 3))
  for (const position of [0, -1, 5, 'NULL']) {
    isRefused(t, path, `INSERT INTO events VALUES (${position}, 0, 'x', 1, '{}')`, /no gaps/)
  }
  for (const number of [0, 5, 'NULL']) {
    isRefused(t, path, `INSERT INTO identifiers VALUES (${number}, 'email', 'x')`, /without gaps/)
  }
})

t.test('the database itself keeps an identifier’s number and kind', async (t) => {
  const path = await written(t, seenFrom(1, 3))
  isRefused(t, path, 'UPDATE identifiers SET number = number + 10', /keeps its number/)
  isRefused(t, path, "UPDATE identifiers SET kind = 'phone'", /keeps its number/)
  isRefused(t, path, 'DELETE FROM identifiers WHERE number = 3', /keeps its number/)
  isRefused(t, path, "REPLACE INTO identifiers VALUES (2, 'email', 'x')", /without gaps/)
  isRefused(t, path, "INSERT INTO identifiers VALUES (4, 'name', 'x')", /CHECK/)
})

t.test('a batch of which one part can’t be written leaves no trace', async (t) => {
  const log = sqliteLog(freshPath(t), 'write')
  t.teardown(() => log.close())
  await log.append([seen(1)], 0)
  const gap = { ...seen(3), identifiers: [{ number: 9, kind: 'email', value: 'x@y' } as const] }
  await t.rejects(log.append([seen(2), gap], 1))
  t.strictSame(await log.read(0, 10), [seen(1)])
  await log.append(seenFrom(2, 3), 1)
  t.strictSame(await log.read(0, 10), seenFrom(1, 3), 'and the log goes on with the same numbers')
})

t.test('what is appended is on disk: WAL, and an fsync with each commit', async (t) => {
  const used: Database.Database[] = []
  const pragma = Database.prototype.pragma
  t.intercept(Database.prototype, 'pragma', {
    value(this: Database.Database, ...args: Parameters<typeof pragma>) {
      used.push(this)
      return pragma.apply(this, args)
    }
  })
  const path = freshPath(t)
  for (const state of ['new', 'reopened']) {
    const log = sqliteLog(path, 'write')
    const db = used.at(-1)
    t.equal(db?.pragma('synchronous', { simple: true }), 2, `${state}: synchronous=FULL`)
    t.equal(db?.pragma('journal_mode', { simple: true }), 'wal', `${state}: WAL`)
    await log.close()
  }
  t.same([...readFileSync(path).subarray(18, 20)], [2, 2], 'the file’s own header says WAL')
})

t.test('a log that can’t be durable is not opened', async (t) => {
  cannotOpen(t, ':memory:', 'write', /can't be written durably/, 'in memory')
})

t.test('a log that is opened again goes on where it was', async (t) => {
  const path = freshPath(t)
  const ids = new Set<string>()
  for (let head = 0; head < 12; head += 3) {
    const log = sqliteLog(path, 'write')
    ids.add(log.id)
    t.equal(await log.head(), head)
    await log.append(seenFrom(head + 1, head + 3), head)
    t.strictSame(await log.read(0, 20), seenFrom(1, head + 3))
    await log.close()
  }
  t.equal(ids.size, 1, 'it keeps its id')
  t.same(readdirSync(join(path, '..')), ['ledger.db'], 'and leaves nothing beside its file')
})

t.test('the stored bytes of an event never change', async (t) => {
  const path = await written(t, oneOfEach)
  const bytes = () => {
    const db = new Database(path, { readonly: true })
    const rows = db.prepare('SELECT position, type, version, data FROM events LIMIT 4').all()
    db.close()
    return JSON.stringify(rows)
  }
  const before = bytes()
  const log = sqliteLog(path, 'write')
  await log.read(0, 10)
  await log.append([{ ...seen(1), position: 5 }], 4)
  await log.close()
  t.equal(bytes(), before)
  t.notMatch(before, /home.example|7029191300/, 'and hold no email or phone')
})

t.test('a reader beside the writer sees what was appended, and can’t append', async (t) => {
  const path = await written(t, seenFrom(1, 2))
  const [writer, reader] = [sqliteLog(path, 'write'), sqliteLog(path, 'read')]
  t.teardown(() => Promise.all([writer.close(), reader.close()]))
  await writer.append(seenFrom(3, 4), 2)
  t.strictSame(await reader.read(0, 10), seenFrom(1, 4))
  await t.rejects(reader.append([seen(5)], 4))
  t.equal(await writer.head(), 4)
})

type OpenMode = Parameters<typeof sqliteLog>[1]

/** Opening throws `cannot_open`, with a message for the operator that names the file. */
function cannotOpen(t: Test, path: string, mode: OpenMode, reason: RegExp, claim: string) {
  let refusal: unknown
  try {
    void sqliteLog(path, mode).close()
  } catch (error) {
    refusal = error
  }
  t.ok(refusal instanceof LedgerError && refusal.code === 'cannot_open', `${claim}: is refused`, {
    refusal
  })
  const message = refusal instanceof Error ? refusal.message : ''
  t.match(message, reason, `${claim}: says why`)
  t.ok(message.includes(path), `${claim}: names the file`)
}

t.test('what is no ledger of ours is not opened, and not touched', async (t) => {
  const folder = freshFolder(t)
  const foreign = join(folder, 'foreign.db')
  tamper(foreign, 'CREATE TABLE notes (text TEXT)')
  const marked = join(folder, 'marked.db')
  tamper(marked, 'PRAGMA application_id = 252006675', 'CREATE TABLE events (position INTEGER)')
  const text = join(folder, 'text.db')
  writeFileSync(text, 'These are my notes, and I want to keep them.\n'.repeat(200))
  const newer = await written(t, [seen(1)])
  tamper(newer, 'PRAGMA user_version = 2')
  const directory = join(folder, 'directory.db')
  mkdirSync(directory)

  for (const mode of ['write', 'read'] as const) {
    for (const [path, reason, claim] of [
      [foreign, /is a SQLite file, but not a ledger/, 'another program’s database'],
      [marked, /is a SQLite file, but not a ledger/, 'a database that is marked as another’s'],
      [text, /damaged or not a SQLite database/, 'a text'],
      [newer, /newer version of this program \(schema 2; this one knows 1\)/, 'a newer ledger'],
      [directory, /can’t be read and written|can't be opened/, 'a directory']
    ] as const) {
      const before = path === directory ? null : readFileSync(path)
      cannotOpen(t, path, mode, reason, `${claim} (${mode})`)
      if (before !== null)
        t.ok(readFileSync(path).equals(before), `${claim} (${mode}): is as it was`)
    }
  }
})

t.test('a log is made only by its writer', async (t) => {
  const path = freshPath(t)
  cannotOpen(t, path, 'read', /There is no ledger at/, 'a missing log')
  t.notOk(existsSync(path), 'and is not there afterwards')
  cannotOpen(t, join(path, 'ledger.db'), 'write', /can't be opened/, 'a missing folder')
  writeFileSync(path, '')
  cannotOpen(t, path, 'read', /is empty/, 'an empty file')
  t.equal(statSync(path).size, 0, 'and is empty afterwards')
  const log = sqliteLog(path, 'write')
  await log.append([seen(1)], 0)
  await log.close()
})

t.test('a ledger that was cut off is not opened as an empty one', async (t) => {
  const path = await written(t, seenFrom(1, 500))
  truncateSync(path, 50)
  for (const mode of ['write', 'read'] as const) {
    cannotOpen(t, path, mode, /damaged or not a SQLite database/, `cut off in its head (${mode})`)
  }
})

t.test('an event that can’t be read back is named by its position', async (t) => {
  const good = '{"email":1,"phoneNumber":null,"contact":1,"source":"t","observedAt":1}'
  const damages: [string, string][] = [
    ['an unknown type', "type = 'ContactPainted'"],
    ['an unknown version', 'version = 2'],
    ['a type that does not fit its data', "type = 'ContactsMerged'"],
    ['no JSON', "data = '{'"],
    ['no object', "data = '[1]'"],
    ['null', "data = 'null'"],
    ['a missing field', `data = '${good.replace('"contact":1,', '')}'`],
    ['an extra field', `data = '${good.replace('{', '{"note":"x",')}'`],
    ['a field of another type', `data = '${good.replace('"t"', '7')}'`],
    ['a type in its data', `data = '${good.replace('{', '{"type":"ContactsMerged",')}'`],
    ['an identifier that the vault lacks', `data = '${good.replace('"email":1', '"email":99')}'`]
  ]
  for (const [what, change] of damages) {
    const path = await written(t, seenFrom(1, 5))
    tamper(path, unprotected, `UPDATE events SET ${change} WHERE position = 3`)
    const log = sqliteLog(path, 'read')
    await refused(t, log.read(0, 10), 'corrupt_log', `${what} is corrupt`)
    await t.rejects(log.read(2, 1), { message: /\bposition 3\b/ }, `${what}: says where`)
    t.strictSame(await log.read(0, 2), seenFrom(1, 2), `${what}: what stands before it is read`)
    t.strictSame(await log.read(3, 2), seenFrom(4, 5), `${what}: what stands after it is read`)
    await log.close()
  }
})

t.test('a missing event is named by its position', async (t) => {
  const path = await written(t, seenFrom(1, 5))
  tamper(path, unprotected, 'DELETE FROM events WHERE position = 3')
  const log = sqliteLog(path, 'read')
  t.teardown(() => log.close())
  await refused(t, log.read(0, 10), 'corrupt_log', 'from the start')
  await t.rejects(log.read(2, 2), { message: /position 3 is missing/ }, 'just there')
  t.strictSame(await log.read(3, 2), seenFrom(4, 5), 'what stands after it is read')
})

t.test('a damaged page of the file is a corrupt log, not a bug', async (t) => {
  const path = await written(t, seenFrom(1, 2_000))
  const file = openSync(path, 'r+')
  const { size } = statSync(path)
  for (let at = 16 * 4_096; at < size; at += 4_096) {
    writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, at)
  }
  closeSync(file)
  const log = sqliteLog(path, 'read')
  t.teardown(() => log.close())
  await refused(t, log.read(0, 2_000), 'corrupt_log', 'read as far as it goes')
})
