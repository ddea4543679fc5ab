import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { wayHere } from '../scripts/import/here.ts'
import { readConfig } from '../src/config.ts'
import { lock } from '../src/log/lock.ts'
import { problemsIn } from './support/closed-ledger.ts'
import { importInto, linesOf, observationsIn, recordedIn } from './support/importing.ts'
import { freshFolder, ledger, serve } from './support/process.ts'

t.setTimeout(480_000)

/** A file of a test's own, beside a ledger that is not there yet. */
function given(t: Test, name: string, content: string | Buffer) {
  const folder = freshFolder(t)
  const file = join(folder, name)
  writeFileSync(file, content)
  return { file, dir: join(folder, 'data') }
}

/** A server of a new ledger, and the settings that tell where it is. */
async function served(t: Test, dir: string) {
  mkdirSync(dir, { recursive: true })
  const server = await serve(t, dir)
  const [, PORT = ''] = (await server.writes(/listening at http:[^"]*:(\d+)/)) ?? []
  return { server, env: { PORT } }
}

const pairsIn = async (dir: string) => (await observationsIn(dir)).map((one) => one.slice(0, 2))

/** Three people of whom two are one, and a row that tells nothing new. */
const people = [
  ['ann@x', '111'],
  ['bob@x', '222'],
  ['ann@x', '222'],
  ['cid@x', ''],
  ['ann@x', '111']
]
const csv = `email,phone\n${people.map((row) => `${row.join(',')}\n`).join('')}`

const written: Readonly<Record<string, string | Buffer>> = {
  'people.csv': csv,
  'people.tsv': csv.replaceAll(',', '\t'),
  'people.txt': `\ufeff${csv.replaceAll(',', ';').replaceAll('\n', '\r\n')}`,
  'people.csv.gz': gzipSync(csv),
  'people.gz': gzipSync(csv.replaceAll(',', '\t')),
  'people.ndjson': people
    .map(([email, phone]) => `${JSON.stringify({ email, phoneNumber: Number(phone) || null })}\n`)
    .join('\n')
}

for (const [name, content] of Object.entries(written)) {
  t.test(`the rows of ${name} are recorded in their order`, async (t) => {
    const { file, dir } = given(t, name, content)
    const { code, came, said } = await importInto(dir, [file])
    t.equal(code, 0)
    const counted = { rows: 5, observations: 5, already: 0, contacts: 3, merges: 1, unlinked: 0 }
    t.match(came, { ...counted, rejects: 0, rejectsFile: null })
    t.same(await pairsIn(dir), people)
    t.match(said, /emails from email; phone numbers from phone\w* \(guessed\)/)
    t.match(said, /importing directly into/)
    t.same(await problemsIn(dir), [])
  })
}

t.test('the same file again records nothing', async (t) => {
  const { file, dir } = given(t, 'a.csv', csv)
  await importInto(dir, [file])
  const before = await recordedIn(dir)
  t.match((await importInto(dir, [file])).came, { rows: 5, observations: 0, already: 5, merges: 0 })
  t.match((await importInto(dir, [file, '--email=email', '--phone=phone'])).came, { already: 5 })
  t.same(await recordedIn(dir), before)
  t.match((await importInto(dir, [file, '--email=email'])).came, { already: 0, observations: 5 })
})

t.test('rejects never take the place of a file of the ledger', async (t) => {
  const { file, dir } = given(t, 'a.csv', 'email,phone\nann@x,1\n')
  await importInto(dir, [file])
  await t.rejects(importInto(dir, [file, '--rejects', join(dir, 'ledger.db')]), {
    ...{ code: 'invalid', message: /is a file of the ledger itself/ }
  })
  t.same(await pairsIn(dir), [['ann@x', '1']])
})

t.test('a file without names is taken by the numbers of its columns', async (t) => {
  const { file, dir } = given(t, 'a.csv', 'x,ann@x,1\nbad\n')
  await t.rejects(importInto(dir, [file]), {
    ...{ code: 'invalid', message: /The columns are: "column 1", "column 2", "column 3"/ }
  })
  const args = [file, '--email=2', '--phone=3']
  t.match((await importInto(dir, args)).said, /no row as names; emails from column 2/)
  const [header, reject] = linesOf(`${file}.rejects.csv`)
  t.equal(header, 'line,reason,column 1,column 2,column 3')
  t.equal(reject, '2,"the row has 1 cell, not 3",bad')
  const mended = join(dir, 'mended.csv')
  writeFileSync(mended, `${header}\n2,mended,x,bob@x,2\n`)
  await importInto(dir, [mended, ...args.slice(1)])
  t.same(await pairsIn(dir), [
    ['ann@x', '1'],
    ['bob@x', '2']
  ])
})

t.test('a row with several values becomes observations that link through it', async (t) => {
  const { file, dir } = given(
    t,
    'a.csv',
    'email_1,email_2,phone\nann@x,ann@y,1\nbob@x,bob@x,2\ncid@x,cid@y,\n'
  )
  const { came } = await importInto(dir, [file])
  t.match(came, { rows: 3, observations: 5, contacts: 5, unlinked: 1 })
  const keyed = await observationsIn(dir)
  t.same(
    keyed.map(([email, phone, key]) => [email, phone, key.replace(/^import:[0-9a-f]{16}:/, '')]),
    [
      ['ann@x', '1', '2.1'],
      ['ann@y', '1', '2.2'],
      ['bob@x', '2', '3.1'],
      ['cid@x', '', '4.1'],
      ['cid@y', '', '4.2']
    ]
  )
})

const faulty = [
  'email,phone,note',
  'ann@x,1,fine',
  'bob,2,"a ""quoted"", one"',
  'cid@x,"3,open',
  'dan@x,4',
  ',,empty',
  'eve@x,5,"=1+1"',
  'fay@x,x,\ufffd'
]

t.test('bad rows go to a file that says why, and stop nothing', async (t) => {
  const { file, dir } = given(t, 'a.csv', `${faulty.join('\n')}\n`)
  const { code, came } = await importInto(dir, [file])
  t.equal(code, 0)
  t.match(came, { rows: 7, observations: 2, rejects: 5, rejectsFile: `${file}.rejects.csv` })
  const [header, ...rejects] = linesOf(`${file}.rejects.csv`)
  t.equal(header, 'line,reason,email,phone,note')
  const ends = [
    ['3', 'bob,2,"a ""quoted"", one"'],
    ['4', '"cid@x,""3,open"'],
    ['5', 'dan@x,4'],
    ['6', ',,empty'],
    ['8', 'fay@x,x,\ufffd']
  ] as const
  t.equal(rejects.length, ends.length)
  for (const [nth, [line, row]] of ends.entries()) {
    t.ok(rejects[nth]?.startsWith(`${line},`), `line ${line}`)
    t.ok(rejects[nth]?.endsWith(`,${row}`), `${row}: ${rejects[nth]}`)
  }
})

t.test('mended rejects are an import of their own, and leave nothing out or twice', async (t) => {
  const { file, dir } = given(t, 'a.csv', `${faulty.join('\n')}\n`)
  await importInto(dir, [file])
  const mended = join(dir, 'mended.csv')
  const rejects = readFileSync(`${file}.rejects.csv`, 'utf8')
  writeFileSync(mended, rejects.replace('bob,2', 'bob@x,2').replace('fay@x,x', 'fay@x,6'))
  t.match((await importInto(dir, [mended])).came, { rows: 5, observations: 2, rejects: 3 })
  t.equal(linesOf(`${mended}.rejects.csv`)[0], 'line,reason,email,phone,note')
  const expected = ['ann@x', 'eve@x', 'bob@x', 'fay@x']
  t.same(
    (await pairsIn(dir)).map(([email]) => email),
    expected
  )
})

t.test('rejected objects are told whole', async (t) => {
  const { file, dir } = given(t, 'a.ndjson', '{"email":"a@x","n":[1]}\n{"email":7,"z":1}\n{"em\n')
  t.match((await importInto(dir, [file])).came, { rows: 3, observations: 1, rejects: 2 })
  t.same(linesOf(`${file}.rejects.csv`), [
    'line,reason,email,n,row',
    '2,email must be a string or null,7,,"{""email"":7,""z"":1}"',
    '3,the line is not valid JSON,,,"{""em"'
  ])
})

t.test('the rejects of an older import are kept under another name', async (t) => {
  const { file, dir } = given(t, 'a.csv', 'email\nann@x\nbad\n')
  const rejects = `${file}.rejects.csv`
  writeFileSync(rejects, 'half mended')
  t.match((await importInto(dir, [file])).said, /already existed; it is now .*\.1\./)
  t.equal(readFileSync(`${rejects}.1`, 'utf8'), 'half mended')
  t.equal(linesOf(rejects).length, 2)
  const other = join(dir, 'other.csv')
  await importInto(dir, [file, `--rejects=${other}`])
  t.equal(readFileSync(other, 'utf8'), readFileSync(rejects, 'utf8'))
})

t.test('an observation says where it comes from, and when it was', async (t) => {
  const { file, dir } = given(t, 'a.csv', 'email,on\nann@x,2026-01-31\nbob@x,1769817600\ncid@x,\n')
  const started = Date.now()
  await importInto(dir, [file, '--email=email', '--time=on', '--source=crm'])
  const { stdout } = await ledger(t, dir, ['events'])
  const [ann, bob, cid] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).data)
  t.match([ann, bob], Array(2).fill({ source: 'crm', observedAt: '2026-01-31T00:00:00.000Z' }))
  t.ok(Date.parse(cid.observedAt) >= started, 'or else when it was imported')
})

t.test('phone numbers are read in the region of the ledger', async (t) => {
  const { file, dir } = given(t, 'a.csv', 'phone,phone2\n(702) 919-1300,+17029191300\n')
  t.match((await importInto(dir, [file], { PHONE_REGION: 'US' })).came, { observations: 1 })
  t.same(await pairsIn(dir), [['', '+17029191300']])
  const other = await importInto(dir, [file])
  t.match(other.came, { rejects: 1 }, 'a changed region is another row under the same key')
})

t.test('beside a server the rows go through it, and the ledger is the same', async (t) => {
  const closed = given(t, 'a.csv', `${faulty.join('\n')}\n`)
  const direct = await importInto(closed.dir, [closed.file])
  const expected = await recordedIn(closed.dir)
  const rejects = readFileSync(`${closed.file}.rejects.csv`, 'utf8')
  const dir = `${closed.dir}-served`
  const { server, env } = await served(t, dir)
  const through = await importInto(dir, [closed.file], env)
  t.match(through.said, `importing through its server at http://127.0.0.1:${env.PORT}.`)
  const { seconds: _, ...counted } = direct.came
  t.match(through.came, counted)
  t.equal(readFileSync(`${closed.file}.rejects.csv`, 'utf8'), rejects)
  t.match((await importInto(dir, [closed.file], env)).came, { observations: 0, already: 2 })
  await server.stop('SIGTERM')
  t.same(await recordedIn(dir), expected)
  t.same(await problemsIn(dir), [])
})

t.test('a service has its read model in memory, an import does not', async (t) => {
  const { dir } = given(t, 'a.csv', csv)
  const mapped = (pid: number, ledgerDir: string) =>
    readFileSync(`/proc/${pid}/maps`, 'utf8')
      .split('\n')
      .some((line) => line.endsWith(join(ledgerDir, 'contacts.db')))
  const { server } = await served(t, dir)
  t.ok(mapped(server.pid, dir))

  const ledgerDir = `${dir}-imported`
  const io = { out: process.stdout, err: process.stderr, config: () => readConfig({}) }
  const way = await wayHere(io, readConfig({ LEDGER_DIR: ledgerDir }))
  const seen = { email: 'ann@x', phoneNumber: null }
  await way.record([{ ...seen, source: 'import', idempotencyKey: null, observedAt: null }])
  t.notOk(mapped(process.pid, ledgerDir))
  await way.close()
})

t.test('another server, or none, at that address is not taken for the right one', async (t) => {
  const { file, dir } = given(t, 'a.csv', csv)
  await served(t, dir)
  await t.rejects(importInto(dir, [file], { PORT: '1' }), { code: 'cannot_open' })
  const other = await served(t, `${dir}-other`)
  await other.server.identify({ email: 'ann@x' })
  await t.rejects(importInto(dir, [file], other.env), { code: 'cannot_open' })
})

t.test('one import at a time goes into a ledger', async (t) => {
  const { file, dir } = given(t, 'a.csv', csv)
  const { env } = await served(t, dir)
  const other = lock(join(dir, 'import.lock'))
  const refused = { code: 'cannot_open', message: /imports into this ledger/ }
  await t.rejects(importInto(dir, [file], env), refused)
  other.release()
  t.match((await importInto(dir, [file], env)).came, { rejects: 0 })
})

t.test('what comes through a pipe is known again by its name', async (t) => {
  const { file, dir } = given(t, 'a.csv', `${csv}bad,row,here\n`)
  const piped = { within: `cd "$(dirname ${file})" && exec < <(cat ${file}); cd "$OLDPWD"` }
  const args = ['import', '-', '--json', `--rejects=${file}.rejects.csv`]
  const first = await ledger(t, dir, [...args, '--name=crm'], piped)
  t.equal(first.code, 0, first.stderr)
  t.match(JSON.parse(first.stdout), { rows: 6, observations: 5, rejects: 1 })
  const again = await ledger(t, dir, [...args, '--name=crm'], piped)
  t.match(JSON.parse(again.stdout), { rows: 6, observations: 0, already: 5 })
  t.ok((await observationsIn(dir)).every(([, , key]) => /^import:[0-9a-f]{16}:\d+\.1$/.test(key)))
  const unnamed = await ledger(t, `${dir}-2`, args, piped)
  t.match(JSON.parse(unnamed.stdout), { rows: 6, observations: 5 })
  t.ok((await observationsIn(`${dir}-2`)).every(([, , key]) => key === ''))
  t.same(
    readdirSync(dir).filter((name) => name.startsWith('import-')),
    [],
    'and leaves no place behind'
  )
})

t.test('what can’t be imported is refused before anything is made', async (t) => {
  const { file, dir } = given(t, 'a.csv', csv)
  const wrong: readonly (readonly [args: string[], said: RegExp])[] = [
    [[`${file}.none`], /There is no file/],
    [[join(file, '..')], /There is no file/],
    [[file, '--email=mail'], /no column "mail".*"email", "phone"/],
    [[file, '--email=email', '--phone=email'], /asked for twice/],
    [[file, '--format=xml'], /csv, tsv, ndjson/],
    [[file, '--name=x'], /--name is only for pipes/],
    [['-', '--name=a/b'], /name must have/],
    [[file, `--rejects=${file}`], /can’t go to the file/],
    [[file, `--source=${'x'.repeat(101)}`], /more than 100/]
  ]
  for (const [args, message] of wrong) {
    await t.rejects(importInto(dir, args), { code: 'invalid', message }, args.join(' '))
  }
  t.notOk(existsSync(dir), 'no ledger is made')
  const { code, stderr } = await ledger(t, dir, ['import', file, '--email', 'mail'])
  t.equal(code, 2)
  t.match(stderr, 'The columns are: "email", "phone".')
})

t.test('packed bytes that are cut off keep what came before, and say so', async (t) => {
  const rows = Array.from({ length: 30_000 }, (_, nth) => `a${(nth * 7_919) % 1e5}@x,${nth}\n`)
  const packed = gzipSync(`email,phone\n${rows.join('')}`)
  const { file, dir } = given(t, 'a.csv.gz', packed.subarray(0, packed.length - 9))
  await t.rejects(importInto(dir, [file]), {
    ...{ code: 'unavailable', message: /damaged or cut off.*The same command goes on/ }
  })
  const kept = await observationsIn(dir)
  t.ok(kept.length > 0 && kept.length <= rows.length)
  t.same(await problemsIn(dir), [])
})

t.test('its help tells what it takes', async (t) => {
  const { code, stdout } = await ledger(t, 'nowhere', ['import', '--help'])
  t.equal(code, 0)
  for (const option of [
    'email',
    'phone',
    'time',
    'source',
    'no-header',
    'rejects',
    'name',
    'json'
  ]) {
    t.match(stdout, `--${option} `)
  }
})

t.test('people are told what came of it in words', async (t) => {
  const { file, dir } = given(t, 'a.csv', 'email_1,email_2\nann@x,ann@y\nbad\n')
  const { stdout } = await ledger(t, dir, ['import', file])
  const [sum, rejects, unlinked] = stdout.split('\n')
  const counted = '2 rows: 2 observations recorded; 2 contacts, 0 merges, 1 reject ('
  t.match(sum, counted)
  t.match(rejects, `${file}.rejects.csv lists what was rejected, and why`)
  t.match(unlinked, /^1 row with several values/)
})
