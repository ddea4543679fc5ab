import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { create, openForWriting } from '../projections/database.ts'
import { openFile } from '../src/log/sqlite-file.ts'
import { viewOf } from './support/ledger.ts'

const mebibyte = 1_024 * 1_024

function newReadModel(path: string): Database.Database {
  const db = new Database(path)
  create(db, 'test')
  db.close()
  return openForWriting(path, 'test')
}

const newLog = (path: string) => openFile(path, 'write', (db) => db)

for (const [what, open] of Object.entries({ 'a read model': newReadModel, 'a log': newLog })) {
  t.test(`what ${what} is written while somebody reads it goes once nobody does`, async (t) => {
    const path = join(t.testdir(), 'file.db')
    const db = open(path)
    const reader = new Database(path, { readonly: true })
    t.teardown(() => {
      reader.close()
      db.close()
    })
    const size = () => statSync(`${path}-wal`).size / mebibyte
    db.exec('CREATE TABLE written (nth INTEGER PRIMARY KEY, what BLOB)')
    const write = db.prepare('REPLACE INTO written VALUES (?, randomblob(?))')

    reader.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
    for (let nth = 0; nth < 100; nth++) write.run(nth, mebibyte)
    t.ok(size() > 100, 'it is all there meanwhile')
    reader.exec('COMMIT')
    for (let nth = 0; nth < 2; nth++) write.run(nth, mebibyte)
    t.ok(size() <= 65, `${size()} MiB`)
  })
}

t.test('a read model brings what was committed into its file, where nobody reads', async (t) => {
  const path = join(t.testdir(), 'contacts.db')
  const db = newReadModel(path)
  const reader = new Database(path, { readonly: true })
  t.teardown(() => {
    reader.close()
    db.close()
  })
  const view = viewOf(db)
  db.exec('CREATE TABLE written (what BLOB)')
  const write = db.prepare('INSERT INTO written VALUES (randomblob(?))')

  reader.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
  write.run(mebibyte)
  view.checkpoint()
  t.ok(view.backlog() > mebibyte, 'it waits beside it while somebody reads')
  t.same(reader.prepare('SELECT count(*) FROM written').pluck().get(), 0)
  reader.exec('COMMIT')
  view.checkpoint()
  t.equal(view.backlog(), 0)
  t.same(reader.prepare('SELECT count(*) FROM written').pluck().get(), 1)
})
