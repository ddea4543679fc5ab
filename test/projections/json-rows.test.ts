import Database from 'better-sqlite3'
import t from 'tap'
import { jsonRows } from '../../projections/json-rows.ts'

t.setTimeout(300_000)

t.test('rows that are longer together than a text can be come all the same', async (t) => {
  const db = new Database(':memory:')
  t.teardown(() => db.close())
  const row = `json_object('nth', value, 'text', printf('%.*c', ?, 'x'))`
  const rows = jsonRows<[number, string], { nth: number; text: string }>(
    db,
    row,
    'FROM json_each(?)'
  )
  const wanted = Array.from({ length: 60 }, (_, nth) => nth)
  for (const length of [9, 9_000_000]) {
    const found = rows(length, JSON.stringify(wanted))
    t.same(
      found.map(({ nth }) => nth),
      wanted
    )
    t.ok(found.every(({ text }) => text.length === length))
  }
  t.same(rows(9, '[]'), [])
  t.throws(() => rows(9, 'no JSON'), { code: 'SQLITE_ERROR' })
})
