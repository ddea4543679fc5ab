import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
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

t.test('what a log is written while somebody reads it goes once nobody does', async (t) => {
  const { db, write, reader, size } = readMeanwhile(t, newLog)
  for (let nth = 0; nth < 100; nth++) write.run(mebibyte)
  t.ok(size() > 100, 'it is all there meanwhile')
  reader.exec('COMMIT')
  for (let nth = 0; nth < 2; nth++) write.run(mebibyte)
  t.ok(size() <= 65, `${size()} MiB`)
  db.close()
})

t.test('what a read model is written meanwhile goes with the commits that follow', async (t) => {
  const { db, write, reader, size } = readMeanwhile(t, newReadModel)
  const view = viewOf(db)
  for (let nth = 0; nth < 240; nth++) write.run(mebibyte)
  view.commit()
  t.ok(size() > 240, 'it is all there meanwhile')
  reader.exec('COMMIT')
  for (let nth = 0; nth < 3; nth++) {
    write.run(mebibyte)
    view.commit()
  }
  t.ok(size() <= 193, `${size()} MiB`)
  t.ok(view.backlog() < 4 * mebibyte)
  db.close()
})

t.test('what a commit leaves beside the file the next one brings in, if it is much', async (t) => {
  const db = newReadModel(join(t.testdir(), 'contacts.db'))
  const view = viewOf(db)
  const write = writer(db)
  write.run(mebibyte)
  t.equal(view.commit(), true, 'a little can wait')
  t.ok(view.backlog() > mebibyte)
  for (let nth = 0; nth < 80; nth++) write.run(mebibyte)
  t.equal(view.commit(), false)
  t.ok(view.backlog() > 64 * mebibyte, 'nobody waits for both at once')
  t.equal(view.commit(), true)
  t.equal(view.backlog(), 0)
  write.run(mebibyte)
  t.ok(statSync(`${db.name}-wal`).size > 70 * mebibyte, 'its room is kept')
  db.close()
})

t.test('what somebody still reads is not asked for with each commit', async (t) => {
  const { db, write, reader } = readMeanwhile(t, newReadModel)
  const view = viewOf(db)
  for (let nth = 0; nth < 80; nth++) write.run(mebibyte)
  const commits = Array.from({ length: 4 }, () => {
    write.run(mebibyte)
    return view.commit()
  })
  t.same(commits, [false, true, false, true])
  t.ok(view.backlog() > 80 * mebibyte)
  reader.exec('COMMIT')
  db.close()
})

t.test('a read model brings what was committed into its file, where nobody reads', async (t) => {
  const path = join(t.testdir(), 'contacts.db')
  const db = newReadModel(path)
  const reader = new Database(path, { readonly: true })
  t.teardown(() => {
    reader.close()
    db.close()
  })
  const view = viewOf(db)
  const write = writer(db)

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

/** A file to be written, and somebody who reads what was there before. */
function readMeanwhile(t: Test, open: (path: string) => Database.Database) {
  const path = join(t.testdir(), 'file.db')
  const db = open(path)
  const reader = new Database(path, { readonly: true })
  t.teardown(() => reader.close())
  const write = writer(db)
  reader.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
  return { db, write, reader, size: () => statSync(`${path}-wal`).size / mebibyte }
}

/** Writes so many bytes in a transaction of its own. */
function writer(db: Database.Database) {
  db.exec('CREATE TABLE written (what BLOB)')
  return db.prepare('INSERT INTO written VALUES (randomblob(?))')
}
