import { execFileSync } from 'node:child_process'
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { problemsIn } from './support/closed-ledger.ts'
import { recordedIn } from './support/importing.ts'
import { freshFolder, type Json, type Server, serve, start } from './support/process.ts'

t.setTimeout(580_000)

const count = 20_000
const kills = 12

/** Rows that join and merge, some of several values and some bad. */
function row(nth: number): string {
  const known = (nth * 7_919) % (nth + 1)
  if (nth % 50 === 49) return `bad${nth},x,`
  if (nth % 10 === 9) return `p${known}@x,1${nth},1${(nth * 31) % (nth + 1)}`
  return `p${nth % 4 === 3 ? known : nth}@x,1${nth},`
}
const rows = Array.from({ length: count }, (_, nth) => `${row(nth)}\n`)
const content = `email,phone,phone2\n${rows.join('')}`

/** A folder with the rows in a file, and how to import them into a ledger there. */
function given(t: Test) {
  const folder = freshFolder(t)
  const file = join(folder, 'rows.csv')
  writeFileSync(file, content)
  const dir = join(folder, 'data')
  const run = (env: Record<string, string> = {}) =>
    start(t, dir, ['import', file, '--json'], { env })
  const rejects = () => readFileSync(`${file}.rejects.csv`, 'utf8')
  return { dir, file, run, rejects }
}

/** What an import counted, but for how long it took. */
function countedIn(stdout: string): Json {
  const { seconds: _, rejectsFile: __, ...counted } = JSON.parse(stdout)
  return counted
}

/** The same rows in one go, as all others must end. */
const inOneGo = (async () => {
  const { dir, run, rejects } = given(t)
  const { code, stdout, stderr } = await run().ended
  if (code !== 0) throw new Error(stderr)
  return { counted: countedIn(stdout), events: await recordedIn(dir), rejects: rejects() }
})()

const placesIn = (dir: string) =>
  existsSync(dir) ? readdirSync(dir).filter((name) => /^import-\w+\.json$/.test(name)) : []

/** Kills imports at random moments, `between` kills anything; then lets one end. */
async function killedThrough(
  { dir, run }: ReturnType<typeof given>,
  env: () => Record<string, string>,
  between: () => Promise<void>
) {
  const wasAt: number[] = []
  for (let kill = 0; kill < kills; kill++) {
    const before = keptAt(dir)
    const running = run(env())
    let over = false
    void running.ended.then(() => {
      over = true
    })
    // Most are killed after they kept their place for the first time, some before.
    while (!over && kill % 4 !== 3 && keptAt(dir) === before) await wait(2)
    await wait(Math.random() * 1_000)
    const { signal, code, stderr } = await running.stop('SIGKILL')
    if (signal !== 'SIGKILL' && code !== 0) throw new Error(stderr)
    if (signal === 'SIGKILL') wasAt.push(placeIn(dir))
    else break
    await between()
  }
  return wasAt
}

/** When an import kept its place the last time, in ms; 0 for never. */
function keptAt(dir: string): number {
  const [name] = placesIn(dir)
  if (name === undefined) return 0
  return statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function placeIn(dir: string): number {
  const [name] = placesIn(dir)
  return name === undefined ? 0 : JSON.parse(readFileSync(join(dir, name), 'utf8')).row
}

/** Repeats with new ledgers until enough were killed; each must end as the one in one go did. */
async function survives(t: Test, served: boolean) {
  let killed = 0
  const expected = await inOneGo
  while (killed < kills) {
    const it = given(t)
    const at: { server: Server | null; env: Record<string, string> } = { server: null, env: {} }
    const serveAgain = async () => {
      if (!served) return
      mkdirSync(it.dir, { recursive: true })
      at.server = await serve(t, it.dir)
      const [, PORT = ''] = (await at.server.writes(/listening at http:[^"]*:(\d+)/)) ?? []
      at.env = { PORT }
    }
    await serveAgain()
    const wasAt = await killedThrough(
      it,
      () => at.env,
      async () => {
        // Now and then the server dies as well.
        if (Math.random() < 0.7) return
        await at.server?.stop('SIGKILL')
        await serveAgain()
      }
    )
    killed += wasAt.length
    t.comment(`killed with these rows kept: ${wasAt.join(', ')}`)
    const last = await it.run(at.env).ended
    t.equal(last.code, 0, last.stderr)
    const { already, ...counted } = countedIn(last.stdout)
    const { already: _, ...once } = expected.counted
    // Killed once it was done, it has nothing left to count.
    const wasDone = counted['observations'] === 0
    if (!wasDone && (!served || already === 0))
      t.same(counted, once, 'the sum of all runs is that of one')
    await at.server?.stop('SIGTERM')
    const events = await recordedIn(it.dir)
    t.equal(events.length, expected.events.length, 'every row counts exactly once')
    t.equal(JSON.stringify(events), JSON.stringify(expected.events), 'in the same order')
    t.equal(it.rejects(), expected.rejects, 'and so does every reject')
    t.same(await problemsIn(it.dir), [])
    t.same(placesIn(it.dir), [], 'no place is left behind')
  }
  t.ok(killed >= 10, `was killed ${killed} times`)
}

t.test('an import killed at any moment goes on where it was', (t) => survives(t, false))

t.test('an import through a server does so too, whichever of them is killed', (t) =>
  survives(t, true)
)

t.test('an interrupted import finishes what is under way and says how to go on', async (t) => {
  const it = given(t)
  const running = it.run()
  while (placesIn(it.dir).length === 0) await wait(2)
  const { code, stdout, stderr } = await running.stop('SIGINT')
  t.equal(code, 130)
  t.equal(stdout, '')
  t.match(stderr, /Interrupted after \d+ rows. The same command goes on from there./)
  const { tally } = JSON.parse(readFileSync(join(it.dir, placesIn(it.dir)[0] ?? ''), 'utf8'))
  const isObserved = ({ event }: Json) => event.type === 'ContactObserved'
  t.equal((await recordedIn(it.dir)).filter(isObserved).length, tally.observations)
  const { stdout: counted, stderr: said } = await it.run().ended
  t.match(said, `Continuing after the first ${tally.rows} rows.`)
  const expected = await inOneGo
  t.same(countedIn(counted), expected.counted)
  t.equal(JSON.stringify(await recordedIn(it.dir)), JSON.stringify(expected.events))
  t.equal(it.rejects(), expected.rejects)
})

t.test(
  'rows that came through a pipe do not wait for more, and a signal does not either',
  async (t) => {
    const folder = freshFolder(t)
    const [pipe, dir] = [join(folder, 'pipe'), join(folder, 'data')]
    execFileSync('mkfifo', [pipe])
    const running = start(t, dir, ['import', '-', '--name=slow', `--rejects=${pipe}.csv`], {
      within: `exec < ${pipe}`
    })
    const writer = createWriteStream(pipe)
    writer.on('error', () => {}).write('email,phone\na@x,1\nb@x,2\nc@x')
    const rows = async () => (placesIn(dir).length === 0 ? 0 : (await recordedIn(dir)).length)
    while ((await rows()) < 2) await wait(10)
    const { code, stderr } = await running.stop('SIGINT')
    writer.destroy()
    t.equal(code, 130)
    t.match(stderr, 'Interrupted after 2 rows.', 'half a row is none')
    t.equal((await recordedIn(dir)).length, 2)
  }
)

t.test('a place that its ledger or its rejects do not bear out is not gone on from', async (t) => {
  const it = given(t)
  const interrupt = async () => {
    const running = it.run()
    while (placeIn(it.dir) === 0) await wait(2)
    return running.stop('SIGINT')
  }
  t.equal((await interrupt()).code, 130)
  const [name = ''] = placesIn(it.dir)
  const place = JSON.parse(readFileSync(join(it.dir, name), 'utf8'))
  const expected = await inOneGo
  const wrong: Readonly<Record<string, object>> = {
    'another log': { mark: { ...place.mark, ledger: 'other' } },
    'an event that is not there': { mark: { ...place.mark, position: 10 ** 9 } },
    'another event': { mark: { ...place.mark, position: 1 } },
    'more rejects than there are': { rejects: { ...place.rejects, length: 10 ** 9 } }
  }
  for (const [what, claim] of Object.entries(wrong)) {
    const edited = { ...place, row: count, ...claim }
    writeFileSync(join(it.dir, name), JSON.stringify(edited))
    const { code, stdout, stderr } = await it.run().ended
    t.equal(code, 0, stderr)
    t.match(stderr, 'starting over', what)
    t.equal(JSON.parse(stdout).rows, count, 'all rows are looked at')
    t.equal((await recordedIn(it.dir)).length, expected.events.length)
  }
})

t.test('memory does not grow with the file', async (t) => {
  const folder = freshFolder(t)
  const file = join(folder, 'long.csv')
  const note = 'n'.repeat(500)
  const long = Array.from({ length: 300_000 }, (_, nth) => `p${nth % 1_000}@x,1${nth % 1_000}`)
  writeFileSync(file, `email,phone,note\n${long.map((one) => `${one},${note}\n`).join('')}`)
  const heap = 128
  t.ok(statSync(file).size > heap * 1024 * 1024, 'the file is larger than the memory')
  const { code, stdout, stderr } = await start(
    t,
    join(folder, 'data'),
    ['import', file, '--json'],
    {
      within: `export NODE_OPTIONS=--max-old-space-size=${heap}`
    }
  ).ended
  t.equal(code, 0, stderr)
  t.match(JSON.parse(stdout), { rows: 300_000, observations: 300_000, contacts: 1_000 })
})
