import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { plainCsvLine } from '../scripts/csv-line.ts'
import { columnsOf } from '../scripts/import/columns.ts'
import { csvRows } from '../scripts/import/csv.ts'
import { seenIn, star } from '../scripts/import/observations.ts'
import { runImport } from '../scripts/import/run.ts'
import type { Source } from '../scripts/import/source.ts'
import { openTable, type Row, type TableOptions } from '../scripts/import/table.ts'
import { emptyTally } from '../scripts/import/tally.ts'
import { holds } from './support/holds.ts'

/** A text in pieces of at most so many bytes. */
async function* cut(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all<T>(lists: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = []
  for await (const list of lists) found.push(...list)
  return found
}

const inCsv = (text: string | Buffer, size = 1_000_000) => all(csvRows(cut(text, size), ','))

/** A table of a text, as if it were the content of a file of that name. */
function tableOf(text: string, name = 'rows', options: Partial<TableOptions> = {}) {
  const source: Source = { name, file: null, read: () => cut(text, 7) }
  return openTable(source, { wanted: [], ...options })
}

const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'é', ';') })
const cells = fc.array(cell, { minLength: 2, maxLength: 4 })
const pieceSize = fc.integer({ min: 1, max: 40 })

holds(
  t,
  'cells are read as they were written, wherever the text is cut',
  fc.tuple(fc.array(cells), pieceSize),
  async ([rows, size]) => {
    const read = await inCsv(rows.map(plainCsvLine).join(''), size)
    same(
      read.map(({ cells, fault }) => [cells, fault]),
      rows.map((row) => [row, null])
    )
    const lines = rows.map((row) => plainCsvLine(row).split('\n').length - 1)
    const starts = lines.map((_, nth) => 1 + lines.slice(0, nth).reduce((a, b) => a + b, 0))
    same(
      read.map(({ line }) => line),
      starts
    )
  }
)

const broken = fc.constantFrom('"a"b,c', 'a"b,c', '"a" ,c')
const plain = fc.constantFrom('a,b', '', 'c,"d,e"')

holds(
  t,
  'a bad quote costs its line, and no other',
  fc.tuple(fc.array(fc.oneof(plain, broken)), pieceSize),
  async ([lines, size]) => {
    const read = await inCsv(lines.join('\n'), size)
    const told = lines.flatMap((text, nth) => (text === '' ? [] : { text, line: nth + 1 }))
    same(
      read.map(({ line }) => line),
      told.map(({ line }) => line)
    )
    same(
      read.map(({ number }) => number),
      told.map((_, nth) => nth + 1)
    )
    const expected: Readonly<Record<string, unknown>> = {
      'a,b': ['a', 'b'],
      'c,"d,e"': ['c', 'd,e']
    }
    for (const [nth, { text }] of told.entries()) {
      const { cells, fault } = read[nth] as Row
      same([cells, fault === null], [expected[text] ?? [text], text in expected])
    }
  }
)

t.test('a quote that is never closed costs its line, and no other', async (t) => {
  const rows = Array.from({ length: 5 }, (_, nth) => `a${nth},b\n`).join('')
  const short = await inCsv(`${rows}"open,b\n${rows}`, 5)
  t.same(
    short.map(({ fault }) => fault),
    [...Array(5).fill(null), 'a quote is not closed', ...Array(5).fill(null)]
  )
  const many = 'long,row,of,cells\n'.repeat(80_000)
  const long = await inCsv(`"open,b\n${many}`, 64 * 1024)
  t.equal(long.length, 80_001)
  t.match(long[0], { line: 1, cells: ['"open,b'], fault: /more than 1 MiB/ })
  t.match(long.at(-1), { line: 80_001, fault: null })
  t.notOk(long.slice(1).some(({ fault }) => fault !== null))
})

t.test('a line that goes on and on costs itself, and no other', async (t) => {
  const read = await inCsv(`a,b\n${'x'.repeat(3_000_000)}\nc,d\n`, 64 * 1024)
  t.same(
    read.map(({ line, fault }) => [line, fault === null]),
    [
      [1, true],
      [2, false],
      [3, true]
    ]
  )
})

t.test('what parts the cells is told by the name, or else by the first line', async (t) => {
  const kinds: readonly (readonly [name: string, text: string, format: string])[] = [
    ['a.csv', 'email,phone\n', 'csv ,'],
    ['a.csv.gz', 'email;phone\n', 'csv ;'],
    ['a.TSV', 'email\tphone,2\n', 'tsv \t'],
    ['a', 'email\tphone\n', 'tsv \t'],
    ['a', '"x,y";phone\n', 'csv ;'],
    ['a', 'email|phone\n', 'csv |'],
    ['a', 'email\n', 'csv ,'],
    ['a', '{"email": "a@x"}\n', 'ndjson '],
    ['a.jsonl', '\n{"email": "a@x"}\n', 'ndjson ']
  ]
  for (const [name, text, expected] of kinds) {
    const { format } = await tableOf(text, name)
    t.equal(`${format.name} ${format.delimiter}`, expected, `${name}: ${text}`)
  }
  const { format } = await tableOf('{email;phone}\n', 'a', { format: 'csv' })
  t.equal(format.name, 'csv', 'or as asked')
})

t.test('a first row that holds a value names no columns', async (t) => {
  const header = await tableOf('email,phone\na@x,1\n')
  t.match(header, { header: true, columns: ['email', 'phone'] })
  t.match(await all(header.rows), [{ number: 2, line: 2, cells: ['a@x', '1'] }])
  const none = await tableOf('\ufeffann,555-1\nbob,2\n')
  t.match(none, { header: false, columns: ['column 1', 'column 2'] })
  t.match(await all(none.rows), [{ number: 1, cells: ['ann', '555-1'] }, { number: 2 }])
  t.match(await tableOf('ann,1\n', 'a', { header: true }), { header: true, columns: ['ann', '1'] })
  t.match(await tableOf('email,phone\n', 'a', { header: false }), { header: false })
})

t.test('a row with more or fewer cells than there are columns is faulty', async (t) => {
  const { rows } = await tableOf('email,phone\na@x\nb@x,1,\nc@x,1\n')
  t.match(await all(rows), [
    { cells: ['a@x'], fault: 'the row has 1 cell, not 2' },
    { cells: ['b@x', '1', ''], fault: 'the row has 3 cells, not 2' },
    { fault: null }
  ])
})

t.test('objects name their columns, and need not have all of them', async (t) => {
  const text = '{"email":"a@x","n":1}\n\n[1]\n{"phone":5}\n{\n"x"'
  const { columns, rows } = await tableOf(text, 'a.ndjson', { wanted: ['phone'] })
  t.same(columns, ['email', 'n', 'phone'])
  t.match(await all(rows), [
    { number: 1, line: 1, cells: ['a@x', 1, null], fault: null },
    { number: 2, line: 3, cells: ['[1]'], fault: 'the line is not a JSON object' },
    { number: 3, line: 4, cells: [null, null, 5], fault: null },
    { number: 4, line: 5, cells: ['{'], fault: 'the line is not valid JSON' },
    { number: 5, line: 6, cells: ['"x"'], fault: 'the line is not a JSON object' }
  ])
})

t.test('where there is nothing to be read, it says so', async (t) => {
  for (const text of ['', '\n\r\n', '\ufeff']) {
    await t.rejects(tableOf(text), { code: 'invalid', message: /holds no rows/ })
  }
  const utf16: Source = {
    ...{ name: 'a', file: null },
    read: () => cut(Buffer.from('\ufeffemail', 'utf16le'), 50)
  }
  await t.rejects(openTable(utf16, { wanted: [] }), { message: /UTF-16/ })
})

t.test('columns are guessed from their names where that is clear', async (t) => {
  const taken = (...columns: string[]) => {
    const asked = { email: [], phone: [], time: null }
    const { email, phone, time } = columnsOf({ columns, header: true }, asked)
    return { email, phone, time }
  }
  t.same(taken('id', 'E-Mail', 'Phone Number'), { email: [1], phone: [2], time: null })
  t.same(taken('phoneNumber', 'mail', 'observed_at'), { email: [1], phone: [0], time: 2 })
  t.same(taken('email_1', 'email_2', 'tel'), { email: [0, 1], phone: [2], time: null })
  t.same(taken('email', 'email2', 'mobile1'), { email: [0, 1], phone: [2], time: null })
  t.same(taken('emails', 'phoneNumbers'), { email: [0], phone: [1], time: null })
  t.same(taken('id', 'cell'), { email: [], phone: [1], time: null })
  for (const unclear of [
    ['email', 'mail'],
    ['phone', 'mobile'],
    ['name', 'id'],
    ['email', 'email']
  ]) {
    t.throws(() => taken(...unclear), { code: 'invalid', message: /"\w+", "\w+"/ }, unclear.join())
  }
})

t.test('columns are taken as they are asked for, by name or else by number', async (t) => {
  const named = { columns: ['a', '1', 'b', 'b'], header: true }
  const asked = { email: ['a'], phone: ['1'], time: null }
  t.match(columnsOf(named, asked), { email: [0], phone: [1], guessed: false })
  const unnamed = { columns: ['column 1', 'column 2'], header: false }
  t.match(columnsOf(unnamed, { ...asked, email: ['2'], phone: ['1'] }), { email: [1], phone: [0] })
  for (const email of ['c', '3', 'b', '1']) {
    t.throws(() => columnsOf(named, { ...asked, email: [email] }), { code: 'invalid' }, email)
  }
})

const emails = fc.uniqueArray(fc.constantFrom('a@x', 'b@x', 'c@x', 'd@x'))
const phones = fc.uniqueArray(fc.constantFrom('1', '2', '3', '4'))
const several = fc.tuple(emails, phones).filter(([e, p]) => e.length > 0 && p.length > 0)

holds(t, 'the values of a row are joined by the fewest pairs', several, ([emails, phones]) => {
  const pairs = star(emails, phones)
  same(pairs.length, emails.length + phones.length - 1)
  const reached = new Set([emails[0] as string])
  for (const _ of pairs) {
    for (const { email, phoneNumber } of pairs) {
      if (reached.has(email ?? '')) reached.add(phoneNumber ?? '')
      if (reached.has(phoneNumber ?? '')) reached.add(email ?? '')
    }
  }
  same(reached, new Set([...emails, ...phones]))
})

const at = { email: [0, 1], phone: [2, 3], time: 4, guessed: false }
const names = ['e1', 'e2', 'p1', 'p2', 'when']
const seen = (...cells: unknown[]) =>
  seenIn({ number: 1, line: 1, cells, fault: null }, at, names, (phone) => phone)

t.test('a row with several values is seen as pairs, each value once', async (t) => {
  t.same(seen('A@x ', 'a@x', '1 2', '12'), {
    values: [{ email: 'a@x', phoneNumber: '12' }],
    observedAt: null
  })
  t.match(seen('a@x', 'b@x', '1', '2'), {
    values: [
      { email: 'a@x', phoneNumber: '1' },
      { email: 'a@x', phoneNumber: '2' },
      { email: 'b@x', phoneNumber: '1' }
    ]
  })
  t.match(seen(['a@x', 'b@x'], null, 5, undefined), { values: { length: 2 } })
  t.match(seen('a@x', 'b@x', '', ' '), {
    values: [
      { email: 'a@x', phoneNumber: null },
      { email: 'b@x', phoneNumber: null }
    ]
  })
})

t.test('one bad value refuses its row, and all that is wrong is said', async (t) => {
  t.match(seen('a@x', 'b', '1', 'x'), { refused: /^e2 must have .* @ .*; p2 must have 1 to 20/ })
  t.match(seen('', ' ', null, undefined), { refused: /neither an email nor a phone/ })
  t.match(seen('\ufffd@x'), { refused: 'e1 must be valid UTF-8' })
  t.match(seen('a@x', null, null, null, '31.1.2026'), { refused: /^when must be a time/ })
  t.match(seen(5), { refused: /e1 must be a string/ })
})

t.test('a time is one in ISO 8601, or in seconds or milliseconds since 1970', async (t) => {
  const when = (time: unknown) => seen('a@x', '', '', '', time)
  for (const time of [
    '2026-01-31T12:00:00Z',
    '1769860800',
    1_769_860_800_000,
    ' 2026-01-31 12:00 '
  ]) {
    t.match(when(time), { observedAt: Date.UTC(2026, 0, 31, 12) }, String(time))
  }
  t.match(when(''), { observedAt: null })
  for (const time of ['2026-02-30', '12', '20260131', true])
    t.match(when(time), { refused: /time/ })
})

t.test('the place is behind all that the rows recorded, in whichever order that was', async (t) => {
  const read = () => cut('email,phone\na@x,1\nb@x,2\nc@x,3\n', 1_000)
  const table = await openTable({ name: 'rows', file: null, read }, { wanted: [] })
  const kept: unknown[] = []
  // The first one waited for a decision; the last was on record before.
  const positions = new Map([
    ['a@x', 2],
    ['b@x', 1]
  ])
  await runImport({
    table,
    columns: columnsOf(table, { email: [], phone: [], time: null }),
    way: {
      canonical: (phone) => phone,
      record: async (asked) =>
        asked.map(({ email }) => {
          const observation = positions.get(email ?? '') ?? null
          return { primaryContactId: 1, observation, contact: null, absorbed: [] }
        }),
      async close() {}
    },
    rejects: { add: (_, reason) => t.fail(reason), keep: () => 0 },
    tally: emptyTally(),
    seen: { rows: 0 },
    ...{ source: 'test', keys: null, after: 0, signal: new AbortController().signal },
    keep: async (...place) => void kept.push(place)
  })
  t.same(kept.at(-1), [4, 2], 'the header is a row')
})
