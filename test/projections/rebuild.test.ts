import { deepStrictEqual as same } from 'node:assert/strict'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { digestOf } from '../../projections/digest.ts'
import { rebuild } from '../../projections/rebuild.ts'
import { memoryLog } from '../../src/log/memory.ts'
import { decidedHistory } from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'
import { shownBy } from '../support/ledger.ts'

t.setTimeout(600_000)

const path = join(t.testdir(), 'contacts.db')

holds(
  t,
  'a read model that is built at once is the one that heard every event as it came',
  decidedHistory,
  async (told) => {
    const log = memoryLog()
    await log.append(told, 0)
    await rebuild(log, path, told.length)
    const built = new Database(path, { readonly: true })
    const found = everythingIn(built)
    built.close()
    same(
      found,
      shownBy(
        told.map((event) => [event]),
        everythingIn
      )
    )
  },
  { numRuns: 200 }
)

t.test('a log that gives one value two numbers is refused, whenever that is noticed', async (t) => {
  const log = memoryLog()
  const observed = (position: number) => ({
    position,
    recordedAt: 0,
    event: {
      type: 'ContactObserved' as const,
      email: position,
      phoneNumber: null,
      contact: position,
      source: 'test',
      observedAt: 0
    },
    identifiers: [{ number: position, kind: 'email' as const, value: 'a@x' }]
  })
  await log.append([observed(1), observed(2)], 0)
  await t.rejects(rebuild(log, path, 2), { code: 'corrupt_log' })
})

t.test('a disk that refuses is told in words, any other fault as it is', async (t) => {
  const failing = (code: string) => ({
    ...memoryLog(),
    read: () => Promise.reject(Object.assign(new Error('so it failed'), { code }))
  })
  const told = (code: string, expected: { code: string; message: string | RegExp }) =>
    t.rejects(rebuild(failing(code), path, 1), expected, code)
  await told('SQLITE_FULL', { code: 'unavailable', message: /built: the disk is full/ })
  await told('EACCES', { code: 'unavailable', message: /its folder can’t be written/ })
  await told('SQLITE_IOERR_WRITE', { code: 'unavailable', message: /its disk can’t be written/ })
  await told('SQLITE_ERROR', { code: 'SQLITE_ERROR', message: 'so it failed' })
})

/** The tables and indexes of a read model, and what is in them. */
function everythingIn(db: Database.Database) {
  const parts = db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all()
  return { parts, digest: digestOf(db) }
}
