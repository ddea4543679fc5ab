import { deepStrictEqual as same } from 'node:assert/strict'
import type Database from 'better-sqlite3'
import t from 'tap'
import type { CommitLimits } from '../src/commit-schedule.ts'
import type { Identity } from '../src/domain/answer.ts'
import { openLedger } from '../src/group-commit.ts'
import type { Batch, EventLog } from '../src/log/event-log.ts'
import { memoryLog } from '../src/log/memory.ts'
import { arrivals, asked, requests, tell } from './support/histories.ts'
import { holds } from './support/holds.ts'
import { openedLedger, viewOf } from './support/ledger.ts'
import { memoryReadModel } from './support/memory-read-model.ts'
import { oracle } from './support/oracle.ts'

const first = asked('a@x', '1')

t.test('any number of first requests at once for one person give one primary', async (t) => {
  const { ledger, log } = await openedLedger(t)
  const answers = await Promise.all(Array.from({ length: 100 }, () => ledger.observe(first)))
  t.same(new Set(answers.map(({ primaryContactId }) => primaryContactId)), new Set([1]))
  const minted = (await log.read(0, 200)).map(({ event }) => 'contact' in event && event.contact)
  t.same([minted.length, minted[0], new Set(minted.slice(1))], [100, 1, new Set([null])])
})

t.test('requests that arrive at once are on disk together before any is answered', async (t) => {
  const batches: number[] = []
  const log = logThat(async (batch) => void batches.push(batch.length))
  const { ledger } = await openedLedger(t, { log, batchLimits: { requests: 3, weight: 9 } })
  const onDisk = await Promise.all(
    ['1', '2', '3', '4'].map(async (phone) => {
      await ledger.observe(asked(null, phone))
      return log.head()
    })
  )
  t.same(
    [batches, onDisk],
    [
      [3, 1],
      [3, 3, 3, 4]
    ]
  )
})

t.test('a batch is full early when its answers list many contacts', async (t) => {
  const batches: number[] = []
  const log = logThat(async (batch) => void batches.push(batch.length))
  const { ledger } = await openedLedger(t, { log, batchLimits: { requests: 9, weight: 3 } })
  await Promise.all(['1', '2', '3', '4'].map((phone) => ledger.observe(asked('a@x', phone))))
  t.same(batches, [2, 1, 1])
})

t.test('what was answered is shown to whoever asks', async (t) => {
  const { ledger, log } = await openedLedger(t)
  const [, identity] = await Promise.all([first, asked('b@x', '1')].map(ledger.observe))
  t.match(await ledger.contact(2), { contact: { id: 2, linkedId: 1 }, identity })
  t.same(await ledger.identityOf(asked('a@x', null)), identity)
  t.match(await ledger.why({ contact: 1 }, { kind: 'email', value: 'b@x' }), { connected: true })
  t.same(await ledger.events(1, 9), await log.read(1, 9))
  t.same(await ledger.status(), { head: 2, readModel: 2 })
})

t.test('of what was never seen, nothing is known', async (t) => {
  const { ledger } = await openedLedger(t)
  t.equal(await ledger.contact(1), null)
  t.equal(await ledger.identityOf(asked(null, '1')), null)
  await t.rejects(ledger.why({ contact: 1 }, { contact: 1 }), { code: 'not_found' })
  t.same(await ledger.status(), { head: 0, readModel: 0 })
})

t.test('a key used for another body is refused, and its neighbours go on', async (t) => {
  const { ledger, log } = await openedLedger(t)
  const batch = [asked('a@x', '1', 'key'), asked('b@x', '1', 'key'), asked('c@x', '1')]
  const [kept, refused, next] = await Promise.allSettled(batch.map(ledger.observe))
  t.match(kept, { status: 'fulfilled', value: { primaryContactId: 1 } })
  t.match(refused, { status: 'rejected', reason: { code: 'key_reused' } })
  t.match(next, { status: 'fulfilled', value: { secondaryContactIds: [2] } })
  t.same(await ledger.observe(asked('a@x', '1', 'key')), (next as { value: Identity }).value)
  t.equal(await log.head(), 2, 'the same body puts nothing on record')
})

t.test('a key is known to the next ledger on the same log', async (t) => {
  const [db, log] = [memoryReadModel(), memoryLog()]
  const ledger = ledgerOver(db, log)
  await ledger.observe(asked('a@x', '1', 'key'))
  await ledger.close()
  const next = ledgerOver(db, log)
  t.match(await next.observe(asked('a@x', '1', 'key')), { primaryContactId: 1 })
  await t.rejects(next.observe(asked('a@x', null, 'key')), { code: 'key_reused' })
  t.equal(await log.head(), 1)
})

t.test('a question waits until what it is told is on disk', async (t) => {
  const log = logThat(turn)
  const { ledger } = await openedLedger(t, { log })
  const answered = ledger.observe(first)
  await turn()
  t.equal(await log.head(), 0)
  t.match(await ledger.contact(1), { contact: { id: 1 } })
  t.equal(await log.head(), 1)
  await answered
})

t.test('a full queue refuses one more, and takes it later', async (t) => {
  const { ledger } = await openedLedger(t, { queueLimit: 2 })
  const waiting = [ledger.observe(first), ledger.observe(first)]
  await t.rejects(ledger.observe(first), { code: 'overloaded' })
  await Promise.all(waiting)
  await t.resolves(ledger.observe(first))
})

t.test('after a failed write nothing is answered, shown or taken any more', async (t) => {
  const log = logThat(async ([event]) => {
    await turn()
    if (event?.position === 2) throw new Error('the disk is full')
  })
  const { ledger, failures } = await openedLedger(t, { log })
  await ledger.observe(first)
  const written = ledger.observe(asked('b@x', '1'))
  await turn()
  const lost = await Promise.allSettled([written, ledger.observe(first), ledger.contact(1)])
  for (const outcome of lost) t.match(outcome, { reason: { code: 'unavailable' } })
  await t.rejects(ledger.observe(first), { code: 'unavailable' })
  await t.rejects(ledger.contact(1), { code: 'unavailable' })
  t.match(failures, [{ message: 'the disk is full' }])
})

t.test('what was decided on a failed write is undone in the read model', async (t) => {
  const db = memoryReadModel()
  const full = () => Promise.reject(new Error('the disk is full'))
  const ledger = ledgerOver(db, logThat(full))
  await t.rejects(ledger.observe(first), { code: 'unavailable' })
  t.same(viewOf(db).latest(), { position: 0, contact: 0, identifier: 0 })
})

for (const stands of [true, false]) {
  const what = `a read model that breaks ends the ledger once, though a write then ${stands ? 'stands' : 'fails'}`
  t.test(what, async (t) => {
    let end = (_error?: Error) => {}
    const written = new Promise<void>((resolve, reject) => {
      end = (error) => (error ? reject(error) : resolve())
    })
    const failures: unknown[] = []
    const view = viewOf(memoryReadModel())
    const ledger = openLedger({
      log: logThat(() => written),
      view: {
        ...view,
        load(known, asked) {
          if (asked.some(({ email }) => email === 'b@x')) throw new Error('it is broken')
          view.load(known, asked)
        }
      },
      now: Date.now,
      onFailure: (error) => void failures.push(error)
    })
    const taken = ledger.observe(first)
    await turn()
    await t.rejects(ledger.observe(asked('b@x', null)), { code: 'unavailable' })
    const timers = t.capture(globalThis, 'setTimeout', setTimeout)
    end(stands ? undefined : new Error('the disk is full'))
    if (stands) t.match(await taken, { primaryContactId: 1 })
    else await t.rejects(taken, { code: 'unavailable' })
    t.match(failures, [{ message: 'it is broken' }])
    t.equal(failures.length, 1)
    t.same(timers(), [], 'nothing keeps the process')
  })
}

t.test('a ledger that closes finishes what it is writing, and takes no more', async (t) => {
  const { ledger, log } = await openedLedger(t, { log: logThat(turn) })
  const taken = ledger.observe(first)
  await turn()
  const closed = ledger.close()
  await t.rejects(ledger.observe(first), { code: 'unavailable' })
  await closed
  t.same([(await taken).primaryContactId, await log.head()], [1, 1])
})

t.test('a ledger that closes finishes what waits for its turn', async (t) => {
  const { ledger, log } = await openedLedger(t)
  const taken = ledger.observe(first)
  await ledger.close()
  t.same([(await taken).primaryContactId, await log.head()], [1, 1])
})

t.test('a ledger that closes answers what was asked before, and nothing after', async (t) => {
  const { ledger } = await openedLedger(t)
  await ledger.observe(first)
  const asked = [ledger.contact(1), ledger.stats(), ledger.supposeObserved(first)]
  const closed = ledger.close()
  await t.rejects(ledger.contact(1), { code: 'unavailable' })
  await closed
  t.match(await Promise.all(asked), [
    { contact: { id: 1 } },
    { contacts: 1 },
    { primaryContactId: 1 }
  ])
})

t.test('while requests wait it is no pause, however long the last ones took', async (t) => {
  const commitLimits = { events: 1_000_000, pause: 1, patience: 60_000 }
  const { ledger, commits, close } = committing(commitLimits, () => true)
  const ask = async (email: string) => {
    for (let nth = 0; nth < 10; nth++) {
      block(3)
      await ledger.observe(asked(email, null))
    }
  }
  await Promise.all(['a@x', 'b@x'].map(ask))
  t.equal(commits(), 0)
  while (commits() === 0) await new Promise((pause) => setTimeout(pause, 1))
  t.equal(commits(), 1, 'once none waits it is one')
  await close()
})

t.test('a commit that is not all there is to do is followed by another one soon', async (t) => {
  const commitLimits = { events: 10, pause: 60_000, patience: 60_000 }
  const { ledger, commits, close } = committing(commitLimits, (nth) => nth > 1)
  const ask = async (times: number) => {
    for (let nth = 0; nth < times; nth++) await ledger.observe(first)
    await turn()
    return commits()
  }
  t.equal(await ask(9), 0)
  t.equal(await ask(1), 1)
  t.equal(await ask(1), 2, 'somebody is answered in between')
  t.equal(await ask(9), 2, 'that was all')
  t.equal(await ask(1), 3)
  await close()
})

t.test('what is left of a commit follows in a pause where nobody comes', async () => {
  const commitLimits = { events: 10, pause: 1, patience: 60_000 }
  const { ledger, commits, close } = committing(commitLimits, (nth) => nth > 1)
  await ledger.observe(first)
  while (commits() < 2) await new Promise((pause) => setTimeout(pause, 1))
  await close()
})

t.test('after it is closed nothing is committed, though something is left to do', async (t) => {
  const commitLimits = { events: 10, pause: 1, patience: 5 }
  const { ledger, commits, close } = committing(commitLimits, () => false)
  await ledger.observe(first)
  await close()
  const atTheEnd = commits()
  t.ok(atTheEnd > 0)
  await new Promise((pause) => setTimeout(pause, 20))
  t.equal(commits(), atTheEnd)
})

t.test('what is asked in one turn is answered together, in the next', async (t) => {
  const { ledger } = await openedLedger(t)
  await ledger.observe(first)
  await turn()
  const answered: string[] = []
  for (const name of ['one', 'two']) ledger.contact(1).then(() => answered.push(name))
  await null
  t.same(answered, [])
  await turn()
  t.same(answered, ['one', 'two'])
})

holds(t, 'the ledger answers as a search through all requests would', arrivals, async (given) => {
  const [groups, reopensAfter] = given
  const [db, log, { identify }] = [memoryReadModel(), logThat(turn), oracle()]
  let ledger = ledgerOver(db, log)
  let answers: Promise<Identity>[] = []
  for (const [nth, group] of groups.entries()) {
    if (nth === reopensAfter) {
      await Promise.all(answers)
      await ledger.close()
      ledger = ledgerOver(db, log)
    }
    answers = answers.concat(group.map(ledger.observe))
    await turn()
  }
  same(await Promise.all(answers), groups.flat().map(identify))
  await ledger.close()
  db.close()
})

holds(t, 'the ledger puts on record what the pure core decides', requests, async (given) => {
  const [db, log] = [memoryReadModel(), memoryLog()]
  const ledger = ledgerOver(db, log)
  await Promise.all(given.map(ledger.observe))
  await ledger.close()
  same(await log.read(0, 100), tell(given, () => 0).history)
  db.close()
})

/**
 * A ledger that writes in small batches, commits in small steps and holds little in memory, so that
 * all of it happens often.
 */
function ledgerOver(db: Database.Database, log: EventLog) {
  const limits = {
    batchLimits: { requests: 4, weight: 6 },
    commitLimits: { events: 3, pause: 5, patience: 1_000 },
    memoryLimits: { held: 8, kept: 2 }
  }
  const onFailure = () => {}
  return openLedger({ log, view: viewOf(db), now: () => 0, onFailure, ...limits })
}

/** A ledger that counts its commits; `all` says of the nth whether that is all there is to do. */
function committing(commitLimits: CommitLimits, all: (nth: number) => boolean) {
  const db = memoryReadModel()
  let commits = 0
  const view = { ...viewOf(db), commit: () => all(++commits) }
  const options = { log: memoryLog(), now: Date.now, onFailure: () => {} }
  const ledger = openLedger({ ...options, view, commitLimits })
  const close = async () => {
    await ledger.close()
    db.close()
  }
  return { ledger, commits: () => commits, close }
}

/** A log in memory that does something before each append. */
function logThat(act: (batch: Batch) => Promise<void>): EventLog {
  const log = memoryLog()
  return {
    ...log,
    async append(batch, expectedHead) {
      await act(batch)
      await log.append(batch, expectedHead)
    }
  }
}

/** Keeps the event loop from turning for so many ms. */
function block(ms: number) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** The next turn of the event loop. */
function turn() {
  return new Promise<void>((resolve) => setImmediate(resolve))
}
