import { existsSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { digestOf } from '../projections/digest.ts'
import { openReadModel } from '../projections/read-model.ts'
import { openReader } from '../scripts/reader.ts'
import type { AskedDecision, Value } from '../src/decision.ts'
import type { Observation } from '../src/domain/decide.ts'
import { LedgerError } from '../src/domain/errors.ts'
import { openLedger } from '../src/group-commit.ts'
import type { Ledger } from '../src/ledger.ts'
import { memoryLog } from '../src/log/memory.ts'
import { publishDecision } from '../src/published-decision.ts'
import { publishWhy } from '../src/published-why.ts'
import type { Reader } from '../src/reader.ts'
import { shownBy } from './support/ledger.ts'

t.setTimeout(300_000)

const many = 2_100

const values = (email: string | null, phoneNumber: string | null) => ({ email, phoneNumber })
const seen = (email: string | null, phoneNumber: string | null = null) => ({
  ...values(email, phoneNumber),
  ...{ source: 'test', idempotencyKey: null, observedAt: null }
})
const email = (value: string) => ({ kind: 'email' as const, value })
const phone = (value: string) => ({ kind: 'phone' as const, value })
const said = { actor: 'ann', reason: 'a mix-up', origin: {} }
const block = (
  identifier: Value,
  type: 'IdentifierBlocked' | 'IdentifierUnblocked' = 'IdentifierBlocked'
): AskedDecision => ({ type, identifier, ...said })

/** A limit that parts who shares a phone with more. */
const partedBy = (limit: number | null): AskedDecision => {
  return { type: 'SharingLimitSet', kind: 'phone', limit, ...said }
}

/**
 * One read model, and two ledgers that ask it: one with a reader, one that answers all by itself. Contact
 * 1 stands alone; 2 and the others share a phone. The reader looks at `place`, else where they are.
 */
async function ledgers(t: Test, place?: string, contacts = many) {
  const [log, path] = [memoryLog(), join(t.testdir(), 'contacts.db')]
  const { view, close } = await openReadModel(log, path)
  const deaths: unknown[] = []
  const reader = openReader({ path: place ?? path, ledger: log.id }, (error) => deaths.push(error))
  const [now, onFailure] = [() => 1_000, (error: unknown) => t.fail(String(error))]
  const ledger = openLedger({ log, view, reader, now, onFailure })
  const alone = openLedger({ log, view, now, onFailure })
  t.teardown(async () => {
    await ledger.close()
    await reader.close()
    close()
  })
  await ledger.record(seen('lone@x', '0'))
  const requests = Array.from({ length: contacts }, (_, nth) => seen(`${nth}@x`, '1'))
  await Promise.all(requests.map((one) => ledger.record(one)))
  return { ledger, alone, view, log, reader, deaths, path }
}

/** The same questions to either. */
const questions: readonly ((ledger: Ledger<unknown>) => Promise<unknown>)[] = [
  (ledger) => ledger.contact(2),
  (ledger) => ledger.contact(many, many - 3),
  (ledger) => ledger.contact(many, 3),
  (ledger) => ledger.identityOf(values('7@x', null)),
  (ledger) => ledger.identityOf(values('7@x', '1'), 1_000),
  (ledger) => ledger.graph(2),
  (ledger) => ledger.graph(2, 1_000),
  (ledger) => ledger.supposeObserved(seen('7@x', '1')),
  (ledger) => ledger.supposeObserved(seen('new@x', '1')),
  (ledger) => ledger.supposeObserved(seen('lone@x', '1'))
]

const told = (answer: unknown) =>
  answer instanceof Uint8Array ? JSON.parse(new TextDecoder().decode(answer)) : answer

/** What became of a question: `answered`, or the code of its refusal. */
const fate = (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (error) => (error instanceof LedgerError ? error.code : error)
  )

t.test('of a large identity a reader tells what the ledger would', async (t) => {
  const { ledger, alone, deaths } = await ledgers(t)
  const ofLarge = await Promise.all(questions.map((ask) => ask(ledger)))
  t.same(
    ofLarge.map((answer) => answer === null || answer instanceof Uint8Array),
    ofLarge.map(() => true),
    'all of it by the reader'
  )
  for (const [nth, ask] of questions.entries()) {
    t.strictSame(told(ofLarge[nth]), await ask(alone), `question ${nth}`)
  }
  for (const [to, at] of [['9@x'], ['9@x', 1_000], ['lone@x']] as const) {
    const ends = [email('5@x'), email(to), at] as const
    const answer = await ledger.why(...ends)
    t.ok(answer instanceof Uint8Array)
    t.strictSame(told(answer), JSON.parse(JSON.stringify(publishWhy(await alone.why(...ends)))))
  }
  t.strictSame(await ledger.history(2, 500, 7), await alone.history(2, 500, 7))
  t.equal(await fate(ledger.why(email('5@x'), email('nobody@x'))), 'not_found')
  t.equal(await fate(ledger.history(5, 0, 5)), 'answered', 'after a refusal as before')
  t.same(deaths, [])
})

t.test('a reader that is begun before it is asked answers as any', async (t) => {
  const { ledger, view, reader, deaths } = await ledgers(t)
  t.ok(view.anyLarge())
  await Promise.all([reader.begin(), reader.begin()])
  t.equal(told(await ledger.contact(2)).identity.secondaryContactIds.length, many - 1)
  t.same(deaths, [])
})

t.test('a reader has begun once its thread is at work, or can’t be', async (t) => {
  const { reader, deaths } = await ledgers(t, join(t.testdirName, 'nowhere.db'))
  await reader.begin()
  t.equal(deaths.length, 1)
})

t.test('a reader shows all that was answered before', async (t) => {
  const { ledger } = await ledgers(t)
  for (let nth = 0; nth < 50; nth++) {
    const burst = [1, 2, 3].map((one) => ledger.record(seen(`${nth}.${one}@y`, '1')))
    const { contact } = await ledger.record(seen(`${nth}@y`, '1'))
    const { identity } = told(await ledger.contact(2))
    t.ok(identity.secondaryContactIds.includes(contact), `contact ${contact}`)
    await Promise.all(burst)
  }
})

t.test('only what concerns a large identity is asked of a reader', async (t) => {
  const nowhere = join(t.testdirName, 'nowhere.db')
  const { ledger } = await ledgers(t, nowhere)
  const askedElsewhere = async (asked: Promise<unknown>) => (await fate(asked)) === 'unavailable'
  t.notOk(await askedElsewhere(ledger.contact(1)))
  t.notOk(await askedElsewhere(ledger.identityOf(values('lone@x', '0'))))
  t.notOk(await askedElsewhere(ledger.why(email('lone@x'), { contact: 1 })))
  t.notOk(await askedElsewhere(ledger.history(1, 0, 5)))
  t.notOk(await askedElsewhere(ledger.contact(1, 1)), 'nor what it was before')
  t.ok(await askedElsewhere(ledger.contact(5)))
  t.ok(await askedElsewhere(ledger.identityOf(values('lone@x', '1'))), 'one of two values')
  t.ok(await askedElsewhere(ledger.why({ contact: 1 }, { contact: 5 })), 'one of two ends')

  await ledger.record(seen('lone@x', '1'))
  t.ok(await askedElsewhere(ledger.contact(1)), 'once a small and older identity absorbed it')

  t.ok(await askedElsewhere(ledger.decide(block(phone('1')))), 'nor what others would wait for')
  await ledger.decide(partedBy(9))
  t.notOk(await askedElsewhere(ledger.contact(5)), 'not once it came apart')
  t.ok(await askedElsewhere(ledger.contact(5, 2_000)), 'but of the past, when it was large')
})

t.test('only a dry run that may concern a large identity is asked of a reader', async (t) => {
  const nowhere = join(t.testdirName, 'nowhere.db')
  const { ledger } = await ledgers(t, nowhere)
  const askedElsewhere = async (asked: Promise<unknown>) => (await fate(asked)) === 'unavailable'
  t.notOk(await askedElsewhere(ledger.supposeObserved(seen('lone@x', '0'))))
  t.notOk(await askedElsewhere(ledger.supposeObserved(seen('new@x', 'new'))))
  t.ok(await askedElsewhere(ledger.supposeObserved(seen('lone@x', '1'))), 'one of two values')
  t.ok(await askedElsewhere(ledger.supposeDecided(block(email('lone@x')))), 'any decision')
  await ledger.decide(partedBy(9))
  t.ok(await askedElsewhere(ledger.supposeDecided(block(phone('1')))), 'once it came apart too')
  t.ok(
    await askedElsewhere(ledger.supposeObserved(seen('5@x', '1'))),
    'and of a value that can’t link'
  )
  t.notOk(await askedElsewhere(ledger.supposeObserved(seen('5@x'))))
})

t.test('in a small ledger no dry run is asked of a reader', async (t) => {
  const { ledger } = await ledgers(t, join(t.testdirName, 'nowhere.db'), 10)
  await ledger.decide(block(phone('1')))
  t.equal(await fate(ledger.supposeDecided(block(email('5@x')))), 'answered')
  t.equal(await fate(ledger.supposeObserved(seen('5@x', '1'))), 'answered')
})

t.test('a dry run by a reader tells what the real one then does, and writes nothing', async (t) => {
  const { ledger, deaths } = await ledgers(t)
  const small = seen('new@x', '2')
  const link = { between: [email('5@x'), phone('1')] as const, ...said }
  const steps: readonly (AskedDecision | Observation)[] = [
    block(email('7@x')),
    seen('7@x', '1'),
    { type: 'LinkForbidden', ...link },
    { type: 'ObservationRetracted', observation: 9, ...said },
    partedBy(1_000),
    seen('new@x', '1'),
    small,
    { type: 'LinkAllowed', ...link },
    partedBy(null),
    block(email('7@x'), 'IdentifierUnblocked')
  ]
  for (const step of steps) {
    const status = await ledger.status()
    const supposed = await ('type' in step
      ? ledger.supposeDecided(step)
      : ledger.supposeObserved(step))
    t.equal(supposed instanceof Uint8Array, step !== small, 'by a reader, unless nobody is large')
    t.same(await ledger.status(), status)
    const done = 'type' in step ? await ledger.decide(step) : await ledger.observe(step)
    t.strictSame(told(supposed), 'events' in done ? publishDecision(done) : told(done))
  }
  const unknown = await fate(ledger.supposeDecided(block(email('nobody@x'))))
  t.equal(unknown, 'not_found', 'and refuses what would be refused')
  t.same(deaths, [])
})

t.test('a decision on a large identity is worked out by a reader, and made as any', async (t) => {
  const { ledger, log, path, deaths } = await ledgers(t)
  const link = { between: [email('5@x'), phone('1')] as const, ...said }
  const decisions: readonly (readonly [AskedDecision, 'there' | 'here'])[] = [
    [block(email('7@x')), 'there'],
    [block(email('lone@x')), 'here'],
    [{ type: 'LinkForbidden', ...link }, 'there'],
    [{ type: 'ObservationRetracted', observation: 9, ...said }, 'there'],
    [block(phone('1')), 'there'],
    // Nobody is large now, but would be.
    [block(email('9@x')), 'here'],
    [block(phone('1'), 'IdentifierUnblocked'), 'there'],
    [partedBy(1_000), 'here'],
    [{ type: 'LinkAllowed', ...link }, 'there'],
    [partedBy(null), 'here']
  ]
  for (const [decision, where] of decisions) {
    const supposed = told(await ledger.supposeDecided(decision))
    const made = await ledger.decide(decision)
    t.equal(made instanceof Uint8Array ? 'there' : 'here', where, JSON.stringify(decision))
    const answer = 'events' in made ? publishDecision(made) : told(made)
    t.strictSame(answer, 'events' in supposed ? publishDecision(supposed) : supposed)
    await ledger.observe(seen('9@x', '1'))
  }
  t.same(deaths, [])
  await ledger.close()
  const db = new Database(path, { readonly: true })
  t.teardown(() => db.close())
  t.equal(digestOf(db), shownBy([await log.read(0, 10_000)], digestOf))
})

t.test(
  'questions of one turn are answered, whoever answers them, and requests go on',
  async (t) => {
    const { ledger, alone, deaths } = await ledgers(t)
    const mixed = [1, 2, 1, 5, 1]
    for (const anythingNew of [true, false]) {
      // What is new a reader sees only once it is committed.
      if (anythingNew) await ledger.record(seen('late@x', '0'))
      const answers = await Promise.all(mixed.map((id) => ledger.contact(id)))
      t.same(
        answers.map((answer) => answer instanceof Uint8Array),
        [false, true, false, true, false]
      )
      const alike = await Promise.all(mixed.map((id) => alone.contact(id)))
      t.strictSame(answers.map(told), alike)
    }
    t.match(await ledger.record(seen('later@x', '0')), { primaryContactId: 1 })
    t.same(deaths, [])
  }
)

t.test('where nobody can answer, the next question tries again', async (t) => {
  const { ledger, deaths } = await ledgers(t, join(t.testdirName, 'nowhere.db'))
  t.same(await Promise.all([ledger.graph(2), ledger.contact(2)].map(fate)), [
    'unavailable',
    'unavailable'
  ])
  t.equal(await fate(ledger.contact(2)), 'unavailable')
  t.equal(deaths.length, 3, 'each thread that ended is told once')
  t.equal(await fate(ledger.contact(1)), 'answered', 'small identities are answered all the same')
})

t.test(
  'only so many wait for a reader, and dry runs take no room of other questions',
  async (t) => {
    const { ledger } = await ledgers(t)
    const often = (times: number, ask: () => Promise<unknown>) =>
      Promise.all(Array.from({ length: times }, () => fate(ask())))
    const ask = () => ledger.contact(2)
    const suppose = () => ledger.supposeDecided(block(email('lone@x')))
    const [supposed, asked] = await Promise.all([often(66, suppose), often(20, ask)])
    t.same(supposed, [...Array(64).fill('answered'), ...Array(2).fill('overloaded')])
    t.same(asked, [...Array(16).fill('answered'), ...Array(4).fill('overloaded')])
    t.same(await often(1, ask), ['answered'], 'later there is room again')
    t.same(await often(1, suppose), ['answered'])
  }
)

t.test('a reader that is cut short refuses, and answers what comes next', async (t) => {
  const { ledger, reader, deaths } = await ledgers(t)
  reader.cut('questions')
  const asked = fate(ledger.contact(2))
  await ledger.status()
  reader.cut('dryRuns')
  reader.cut('questions')
  const next = fate(ledger.contact(2))
  t.same(await Promise.all([asked, next]), ['overloaded', 'answered'])
  t.same(deaths, [])
})

const openFiles = '/proc/self/fd'

t.test(
  'a reader is closed once no thread of it has the file open',
  {
    skip: existsSync(openFiles) ? false : `there is no ${openFiles}`
  },
  async (t) => {
    const { ledger, reader, path } = await ledgers(t)
    const timesOpen = () => {
      const links = readdirSync(openFiles).map((name) => readlinked(join(openFiles, name)))
      return links.filter((link) => link === realpathSync(path)).length
    }
    const before = timesOpen()
    const asked = fate(ledger.supposeDecided(block(phone('1'))))
    await ledger.status()
    reader.cut('dryRuns')
    await reader.close()
    t.equal(await asked, 'overloaded')
    t.equal(timesOpen(), before)
  }
)

function readlinked(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    // Another file was closed meanwhile.
    return null
  }
}

t.test('a commit for a reader that fails stops the ledger', async (t) => {
  const log = memoryLog()
  const { view, close } = await openReadModel(log, join(t.testdir(), 'contacts.db'))
  t.teardown(close)
  const full = new Error('disk full')
  const failures: unknown[] = []
  let broken = false
  const ledger = openLedger({
    ...{ log, now: () => 1_000, reader: {} as Reader<never>, onFailure: (e) => failures.push(e) },
    view: {
      ...view,
      commit() {
        if (broken) throw full
        return view.commit()
      }
    }
  })
  const requests = Array.from({ length: many }, (_, nth) => seen(`${nth}@x`, '1'))
  await Promise.all(requests.map((one) => ledger.record(one)))
  broken = true
  const [one, other] = [fate(ledger.contact(2)), fate(ledger.supposeDecided(block(phone('1'))))]
  t.same(await Promise.all([one, other]), ['unavailable', 'unavailable'])
  t.same(failures, [full])
  t.equal(await fate(ledger.record(seen('late@x', '1'))), 'unavailable')
})

t.test('a reader that is closed leaves nobody waiting', async (t) => {
  const { ledger, reader, deaths } = await ledgers(t)
  const waiting = [fate(ledger.graph(2)), fate(ledger.contact(2))]
  await ledger.status()
  await reader.close()
  t.same(await Promise.all(waiting), ['unavailable', 'unavailable'])
  t.equal(await fate(ledger.contact(2)), 'unavailable')
  t.same(deaths, [], 'and died of nothing')
})
