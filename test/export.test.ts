import { deepStrictEqual as same } from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { type Export, exportFrom, exportOf } from '../projections/export.ts'
import { exportVerb } from '../scripts/export.ts'
import { filesOf, readLog } from '../scripts/wiring.ts'
import { readConfig } from '../src/config.ts'
import type { Recorded } from '../src/domain/event.ts'
import { exportedLine } from '../src/exported-event.ts'
import { memoryLog } from '../src/log/memory.ts'
import { restore } from '../src/restore.ts'
import { decidedHistory } from './support/decided-histories.ts'
import { picture } from './support/decision-oracle.ts'
import { holds } from './support/holds.ts'
import { shownBy } from './support/ledger.ts'
import { freshFolder, type Json, ledger, record, serve, start } from './support/process.ts'

t.setTimeout(480_000)

const configOf = (ledgerDir: string) => readConfig({ LEDGER_DIR: ledgerDir })

async function* each(lines: readonly string[]) {
  yield* lines
}

/** Every event of a log, each as it is exported. */
async function linesIn(log: ReturnType<typeof memoryLog>): Promise<string[]> {
  return (await log.read(0, await log.head())).map(exportedLine)
}

const cutHistory = decidedHistory.chain((history) =>
  fc.tuple(fc.constant(history), fc.nat(history.length))
)

holds(t, 'every identity is exported once, as the facts have it', decidedHistory, (history) => {
  const [contacts, identities] = shownBy([history], (db) => {
    const all = exportOf(db)
    return [[...all.contacts()].flat(), [...all.identities()].flat()] as const
  })
  const { contacts: expected, identities: groups } = picture(history)
  same(identities, groups)
  same(
    contacts.map(({ id, email, phoneNumber, linkedId, deletedAt }) => [
      id,
      { email, phoneNumber, linkedId, live: deletedAt === null }
    ]),
    [...expected]
  )
})

holds(
  t,
  'an exported log is restored event by event, in one run or two',
  cutHistory,
  async ([history, cut]) => {
    const lines = history.map(exportedLine)
    const log = memoryLog()
    same(await restore(log, each(lines.slice(0, cut))), { events: cut, already: 0 })
    same(await restore(log, each([...lines, ''])), { events: lines.length, already: cut })
    same(await linesIn(log), lines)
    same(await restore(log, each(lines)), { events: lines.length, already: lines.length })
  }
)

/** Two people, and the merge that made them one. */
const story = [
  { email: 'ann@home.example', phoneNumber: '111' },
  { email: 'bob@home.example', phoneNumber: '+222' },
  { email: 'ann@home.example', phoneNumber: '+222' },
  { email: '=1+1@evil.example' },
  { email: 'a"b,c@home.example', phoneNumber: '+222' }
]

let seconds = 0
const now = () => Date.UTC(2026, 0, 1) + 1_000 * seconds++

async function recorded(t: Test): Promise<string> {
  const dir = freshFolder(t)
  seconds = 0
  await record(dir, story, { now })
  return dir
}

/** The lines of that story's log. */
async function exported(t: Test): Promise<string[]> {
  const log = readLog(configOf(await recorded(t)))
  const lines = await linesIn(log)
  await log.close()
  return lines
}

const edit = (line: string | undefined, change: (event: Json) => void) => {
  const event = JSON.parse(line ?? '')
  change(event)
  return JSON.stringify(event)
}

t.test('a line that does not continue those before it is refused, and they stay', async (t) => {
  const lines = await exported(t)
  const [, second = ''] = lines
  const wrong: Readonly<Record<string, readonly [string, RegExp]>> = {
    'no JSON': [second.slice(0, 60), /not an exported event/],
    'another form': [edit(second, (line) => delete line.identifiers), /\/identifiers/],
    'more than the form has': [edit(second, (line) => Object.assign(line, { x: 1 })), /\/x/],
    'an unknown type': [edit(second, (line) => Object.assign(line.event, { type: 'X' })), / X /],
    'an unknown version': [
      edit(second, (line) => Object.assign(line, { version: 2 })),
      /version 2/
    ],
    'fields that the type has not': [
      edit(second, (line) => delete line.event.source),
      /not a valid ContactObserved/
    ],
    'a gap': [lines[2] ?? '', /position 3 stands where 2 comes next/],
    'the same again': [lines[0] ?? '', /position 1 stands where 2 comes next/],
    'identifiers of others': [
      edit(second, (line) => line.identifiers.reverse()),
      /not those that its event names/
    ],
    'an email for a phone': [
      edit(second, (line) => Object.assign(line.identifiers[1], { kind: 'email' })),
      /not those that its event names/
    ],
    'a number that skips one': [
      edit(second, (line) => {
        line.event.email = line.identifiers[0].number = 9
      }),
      /identifier 9 stands where 3 comes next/
    ],
    'a value that is not normal': [
      edit(second, (line) => Object.assign(line.identifiers[0], { value: 'Bob@home.example' })),
      /the email of identifier \d+ is not in its normal form/
    ]
  }
  for (const [what, [line, said]] of Object.entries(wrong)) {
    const log = memoryLog()
    await t.rejects(
      restore(log, each([lines[0] ?? '', line, ...lines.slice(2)])),
      { code: 'corrupt_log', message: said },
      what
    )
    t.strictSame(await linesIn(log), lines.slice(0, 1), `${what}: what came before stays`)
    await restore(log, each(lines))
    t.strictSame(await linesIn(log), lines, `${what}: and is gone on from`)
  }
})

t.test('a log that holds anything else is not filled', async (t) => {
  const lines = await exported(t)
  const log = memoryLog()
  await restore(log, each(lines))
  const refused = { code: 'conflict', message: /not empty/ }
  await t.rejects(restore(log, each(lines.slice(0, 3))), refused, 'one that holds more')
  const other = edit(lines[1], (line) => line.recordedAt++)
  await t.rejects(restore(log, each([lines[0] ?? '', other])), refused, 'one that holds others')
  t.strictSame(await linesIn(log), lines, 'and it stays as it is')
})

t.test('CSV has a header and a fixed order, and no formula', async (t) => {
  const dir = await recorded(t)
  const [contacts, identities, events] = await Promise.all(
    ['contacts', 'identities', 'events'].map((what) =>
      ledger(t, dir, ['export', what, '--format', 'csv'])
    )
  )
  const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`
  t.strictSame(contacts?.stdout.split('\n'), [
    'id,phoneNumber,email,linkedId,linkPrecedence,createdAt,updatedAt,deletedAt',
    `1,111,ann@home.example,,primary,${at(0)},${at(0)},`,
    `2,+222,bob@home.example,1,secondary,${at(1)},${at(2)},`,
    `3,,'=1+1@evil.example,,primary,${at(3)},${at(3)},`,
    `4,+222,"a""b,c@home.example",1,secondary,${at(4)},${at(4)},`,
    ''
  ])
  t.strictSame(identities?.stdout.split('\n'), [
    'primaryContactId,emails,phoneNumbers,secondaryContactIds',
    '1,"ann@home.example bob@home.example a""b,c@home.example",111 +222,2 4',
    "3,'=1+1@evil.example,,",
    ''
  ])
  const [header, first, ...others] = events?.stdout.split('\n') ?? []
  t.equal(header, 'position,type,recordedAt,data')
  t.match(first, `1,ContactObserved,${at(0)},"{""email"":""ann@home.example""`)
  t.match(others[2], `4,ContactsMerged,${at(2)},"{""survivor"":1,""absorbed"":[2],""cause"":3}"`)
  t.strictSame(
    [contacts, identities, events].map((ended) => [ended?.code, ended?.stderr]),
    [
      [0, '4 contacts, as of position 6.\n'],
      [0, '2 identities, as of position 6.\n'],
      [0, '6 events, as of position 6.\n']
    ],
    'messages go to the error stream'
  )
})

const documentsIn = (text: string): Json[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

t.test('NDJSON has every value as it is', async (t) => {
  const dir = await recorded(t)
  const [contacts, identities] = await Promise.all(
    ['contacts', 'identities'].map((what) => ledger(t, dir, ['export', what, '--format', 'ndjson']))
  )
  const shown = await ledger(t, dir, ['contact', '2', '--json'])
  t.strictSame(documentsIn(contacts?.stdout ?? '')[1], JSON.parse(shown.stdout).contact)
  t.match(documentsIn(contacts?.stdout ?? '')[2], { email: '=1+1@evil.example' })
  t.strictSame(documentsIn(identities?.stdout ?? '')[0], JSON.parse(shown.stdout).identity)
})

t.test('a file is there once it is whole, and is not overwritten', async (t) => {
  const dir = await recorded(t)
  const file = join(freshFolder(t), 'contacts.csv')
  const args = ['export', 'contacts', '--output', file]
  const { stdout: expected } = await ledger(t, dir, ['export', 'contacts'])
  const first = await ledger(t, dir, args)
  t.strictSame([first.code, first.stdout, readFileSync(file, 'utf8')], [0, '', expected])
  writeFileSync(file, 'mine')
  const again = await ledger(t, dir, args)
  t.strictSame([again.code, readFileSync(file, 'utf8')], [1, 'mine'])
  t.match(again.stderr, /--force/, 'and it says how')
  t.equal((await ledger(t, dir, [...args, '--force'])).code, 0)
  t.equal(readFileSync(file, 'utf8'), expected)
  const nowhere = await ledger(t, dir, ['export', 'events', '--output', join(dir, 'no/file')])
  t.equal(nowhere.code, 1)
  t.match(nowhere.stderr, /^\S+ can't be written: there is no such file or folder.\n$/)
})

t.test('no file of the ledger is ever replaced', async (t) => {
  const dir = await recorded(t)
  for (const name of ['ledger.db', 'contacts.db', 'ledger.db-wal']) {
    const file = join(dir, name)
    const end = await ledger(t, dir, ['export', 'events', '--output', file, '--force'])
    t.equal(end.code, 2, name)
    t.match(end.stderr, /is a file of the ledger itself/)
  }
  t.equal((await ledger(t, dir, ['verify'])).code, 0)
})

t.test('what makes no sense is refused', async (t) => {
  const dir = await recorded(t)
  const lines = [
    'export',
    'export all',
    'export events --format xml',
    'import-events',
    'import-events /no'
  ]
  for (const line of lines) {
    const { code, stdout, stderr } = await ledger(t, dir, line.split(' '))
    t.strictSame([code, stdout], [2, ''], line)
    t.match(stderr, /\S/, `${line}: says why`)
  }
  const none = join(dir, 'none')
  for (const what of ['contacts', 'events']) {
    t.equal((await ledger(t, none, ['export', what])).code, 3, `${what} of no ledger`)
  }
})

t.test('an output that can not be written ends an export with a reason', async (t) => {
  const dir = await recorded(t)
  const within = 'exec > /dev/full'
  const { code, stderr } = await ledger(t, dir, ['export', 'contacts'], { within })
  t.equal(code, 1)
  t.match(stderr, /^The output can't be written: ENOSPC[^\n]*\n$/)
})

/** What stands in the tables of a ledger's log, byte by byte. */
function stored(dir: string) {
  const db = new Database(filesOf(configOf(dir)).log, { readonly: true })
  try {
    return ['events', 'identifiers'].map((table) =>
      db.prepare(`SELECT * FROM ${table} ORDER BY 1`).raw().all()
    )
  } finally {
    db.close()
  }
}

/** A ledger with decisions in it, and the file of its events. */
async function exportedFile(t: Test) {
  const dir = await recorded(t)
  const reason = 'a line\u2028is no line\r\nhere'
  const decided = ['block', 'email:ann@home.example', '--actor', 'ann', '--reason', reason]
  t.equal((await ledger(t, dir, decided)).code, 0)
  const file = join(freshFolder(t), 'events.ndjson')
  t.equal((await ledger(t, dir, ['export', 'events', '--output', file])).code, 0)
  return { dir, file }
}

t.test('a ledger that is made of exported events is the same', async (t) => {
  const { dir, file } = await exportedFile(t)
  const copy = join(freshFolder(t), 'copy')
  const made = await ledger(t, copy, ['import-events', file, '--json'])
  t.strictSame([made.code, made.stderr], [0, ''])
  const [old, fresh] = await Promise.all(
    [dir, copy].map(async (one) => {
      const { stdout } = await ledger(t, one, ['replay', '--check', '--json'])
      const { events, digest, equal } = JSON.parse(stdout)
      return { events, digest, equal }
    })
  )
  t.strictSame(fresh, old, 'its digest is that of the old one')
  t.equal(fresh?.equal, true)
  t.match(JSON.parse(made.stdout), { events: old?.events, already: 0, digest: old?.digest })
  t.strictSame(stored(copy), stored(dir), 'and every byte of its log')
  t.equal((await ledger(t, copy, ['verify'])).code, 0, 'and it is sound')

  const again = await ledger(t, copy, ['import-events', file])
  t.equal(again.code, 0, 'the same file again changes nothing')
  t.strictSame(stored(copy), stored(dir))
  const other = freshFolder(t)
  await record(other, story.slice(1))
  const refused = await ledger(t, other, ['import-events', file])
  t.equal(refused.code, 1, 'a ledger of others is refused')
  t.match(refused.stderr, /^The ledger is not empty/)
})

t.test('a value under the number of another is refused', async (t) => {
  const lines = await exported(t)
  const file = join(freshFolder(t), 'events.ndjson')
  const third = edit(lines[2], (line) => {
    line.identifiers[0].value = 'eve@home.example'
  })
  writeFileSync(file, [...lines.slice(0, 2), third].join('\n'))
  const { code, stderr } = await ledger(t, join(freshFolder(t), 'copy'), ['import-events', file])
  t.equal(code, 1)
  t.match(stderr, /position 3 names a value by the number of another/)
})

t.test('what is no text is refused', async (t) => {
  const file = join(freshFolder(t), 'events.ndjson')
  writeFileSync(file, Buffer.from([0x7b, 0xff, 0xfe, 0x0a]))
  const { code, stderr } = await ledger(t, join(freshFolder(t), 'copy'), ['import-events', file])
  t.strictSame([code, stderr], [1, 'This is not UTF-8 text.\n'])
})

/** A log of so many people, a line each. */
const people = (many: number) =>
  Array.from({ length: many }, (_, nth): string => {
    const [position, recordedAt] = [nth + 1, 1_000 * nth]
    const email = { number: position, kind: 'email' as const, value: `p${nth}@home.example` }
    const told: Recorded = {
      position,
      recordedAt,
      event: {
        type: 'ContactObserved',
        email: position,
        phoneNumber: null,
        contact: position,
        source: 'test',
        observedAt: recordedAt
      },
      identifiers: [email]
    }
    return exportedLine(told)
  })

t.test('an import that is killed goes on where it was', async (t) => {
  const many = 30_000
  const file = join(freshFolder(t), 'events.ndjson')
  writeFileSync(file, people(many).join('\n'))
  const copy = freshFolder(t)
  const killed = start(t, copy, ['import-events', file])
  const headIn = async () => {
    try {
      const log = readLog(configOf(copy))
      return await log.head().finally(() => log.close())
    } catch {
      return 0
    }
  }
  while ((await headIn()) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal((await killed.stop('SIGKILL')).signal, 'SIGKILL')
  const left = await headIn()
  t.ok(left > 0 && left < many, `${left} of ${many} events are there`)
  const { code, stdout } = await ledger(t, copy, ['import-events', file, '--json'])
  t.equal(code, 0)
  t.match(JSON.parse(stdout), { events: many, already: left })
  t.equal((await ledger(t, copy, ['verify'])).code, 0)
})

t.test('no more is read than is taken', async (t) => {
  const many = 30_000
  const file = join(freshFolder(t), 'events.ndjson')
  writeFileSync(file, people(many).join('\n'))
  const dir = freshFolder(t)
  t.equal((await ledger(t, dir, ['import-events', file])).code, 0)
  for (const what of ['contacts', 'identities', 'events']) {
    let taken = ''
    let release = () => {}
    const stalled = new Promise<void>((resolve) => {
      release = resolve
    })
    let pieces = 0
    const out = new Writable({
      decodeStrings: false,
      write(piece, _, done) {
        taken += piece
        if (++pieces === 2) void stalled.then(() => done())
        else done()
      }
    })
    const err = new Writable({ write: (_piece, _encoding, done) => done() })
    const written = exportVerb.run(
      { out, err, config: () => configOf(dir) },
      { format: 'ndjson' },
      what
    )
    while (pieces < 2) await new Promise((resolve) => setImmediate(resolve))
    for (let turn = 0; turn < 1_000; turn++) await new Promise((resolve) => setImmediate(resolve))
    t.equal(pieces, 2, `${what}: nothing is pushed on a reader that has not taken the last`)
    t.ok(out.writableLength < 2_000_000, `${what}: ${out.writableLength} characters wait`)
    release()
    t.equal(await written, 0)
    t.equal(taken.trim().split('\n').length, many, `${what}: all of it arrives in the end`)
  }
})

t.test('what is exported is of one moment, whatever is written meanwhile', async (t) => {
  const dir = await recorded(t)
  const log = readLog(configOf(dir))
  const all = (shown: Export) => [shown.position, [...shown.contacts()], [...shown.identities()]]
  const { readModel } = filesOf(configOf(dir))
  const before = await exportFrom(readModel, log.id, async (shown) => all(shown))
  const meanwhile = await exportFrom(readModel, log.id, async (shown) => {
    await record(dir, [{ email: '=1+1@evil.example', phoneNumber: '111' }, { phoneNumber: '333' }])
    return all(shown)
  })
  t.strictSame(meanwhile, before)
  const after = await exportFrom(readModel, log.id, async (shown) => all(shown))
  t.notSame(after, before, 'and all of it is there afterwards')
  await log.close()
})

t.test('what is exported beside a busy server is of one moment', async (t) => {
  const dir = freshFolder(t)
  const server = await serve(t, dir)
  let busy = true
  let asked = 0
  const customer = async () => {
    while (busy) {
      const nth = asked++
      await server.identify({ email: `p${nth % 500}@x.example`, phoneNumber: `${nth % 300}` })
    }
  }
  const customers = [1, 2, 3, 4].map(customer)
  while (asked < 500) await new Promise((resolve) => setTimeout(resolve, 5))
  const [contacts, identities, events] = await Promise.all(
    ['contacts', 'identities', 'events'].map(async (what) => {
      const { code, stdout } = await ledger(t, dir, ['export', what, '--format', 'ndjson'])
      t.equal(code, 0, what)
      return documentsIn(stdout)
    })
  )
  busy = false
  await Promise.all(customers)
  t.strictSame(
    events?.map(({ position }) => position),
    events?.map((_, nth) => nth + 1),
    'the events have no gap'
  )
  t.ok(events !== undefined && events.length >= 500, 'and were many')
  const primaries = new Set(
    contacts?.flatMap(({ id, linkedId }) => (linkedId === null ? [id] : []))
  )
  t.ok(
    contacts?.every(({ linkedId }) => linkedId === null || primaries.has(linkedId)),
    'every secondary links to a primary'
  )
  const ids = identities?.flatMap((one) => [one.primaryContactId, ...one.secondaryContactIds]) ?? []
  t.strictSame(
    ids.sort((a, b) => a - b),
    ids.map((_, nth) => nth + 1),
    'every contact is in one identity'
  )
})
