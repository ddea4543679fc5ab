import t, { type Test } from 'tap'
import { LedgerError } from '../../src/domain/errors.ts'
import type { Recorded } from '../../src/domain/event.ts'
import { type EventLog, pages } from '../../src/log/event-log.ts'

/** Opens an empty log; the contract closes it. */
export type OpenLog = (t: Test) => EventLog

const noon = Date.UTC(2026, 0, 1, 12)

/** An observation of an email, at a position. Every seventh value comes back. */
export function seen(position: number): Recorded {
  const number = ((position - 1) % 7) + 1
  return {
    position,
    recordedAt: noon + position,
    event: {
      type: 'ContactObserved',
      email: number,
      phoneNumber: null,
      contact: position <= 7 ? position : null,
      source: 'test',
      observedAt: noon + position
    },
    identifiers: [{ number, kind: 'email', value: `person.${number}@home.example` }]
  }
}

/** Observations at positions from one to another. */
export function seenFrom(first: number, last: number): Recorded[] {
  return Array.from({ length: last - first + 1 }, (_, nth) => seen(first + nth))
}

/** One event of every shape. */
export const oneOfEach: readonly Recorded[] = [
  seen(1),
  {
    position: 2,
    recordedAt: -1,
    event: {
      type: 'ContactObserved',
      email: 2,
      phoneNumber: 3,
      contact: 2,
      source: 'a "quoted" source, 店',
      observedAt: -62_135_596_800_000,
      idempotencyKey: 'key-1'
    },
    identifiers: [
      { number: 2, kind: 'email', value: "o'hara@höme.example" },
      { number: 3, kind: 'phone', value: '+17029191300' }
    ]
  },
  {
    position: 3,
    recordedAt: noon,
    event: {
      type: 'ContactObserved',
      email: 1,
      phoneNumber: 3,
      contact: null,
      source: 'test',
      observedAt: noon
    },
    identifiers: [
      { number: 1, kind: 'email', value: 'person.1@home.example' },
      { number: 3, kind: 'phone', value: '+17029191300' }
    ]
  },
  {
    position: 4,
    recordedAt: noon,
    event: { type: 'ContactsMerged', survivor: 1, absorbed: [2], cause: 3 },
    identifiers: []
  }
]

/** Whether a promise is refused by the ledger for a reason. */
export async function refused(t: Test, promise: Promise<unknown>, code: string, claim: string) {
  const error = await promise.then(
    () => null,
    (error: unknown) => error
  )
  t.ok(error instanceof LedgerError && error.code === code, claim, { error })
}

/** What every adapter of the event log promises. An adapter is finished when it passes. */
export function logContract(name: string, open: OpenLog) {
  t.test(`The log ${name}`, async (t) => {
    const holds = (claim: string, check: (t: Test, log: EventLog) => Promise<unknown>) =>
      t.test(claim, async (t) => {
        const log = open(t)
        t.teardown(() => log.close())
        await check(t, log)
      })

    await holds('an empty log has no head and nothing to read', async (t, log) => {
      t.equal(await log.head(), 0)
      t.same(await log.read(0, 10), [])
    })

    await holds('an event is read back as it was recorded, with its values', async (t, log) => {
      await log.append(oneOfEach, 0)
      t.strictSame(await log.read(0, 10), oneOfEach)
      t.strictSame(await log.read(2, 1), oneOfEach.slice(2, 3), 'on its own, too')
    })

    await holds('a value that comes back is resolved with each of its events', async (t, log) => {
      await log.append(seenFrom(1, 10), 0)
      await log.append(seenFrom(11, 20), 10)
      t.strictSame(await log.read(0, 20), seenFrom(1, 20))
    })

    await holds('the head is the position of the last event', async (t, log) => {
      for (const [first, last] of [
        [1, 1],
        [2, 5],
        [6, 20]
      ] as const) {
        await log.append(seenFrom(first, last), first - 1)
        t.equal(await log.head(), last)
      }
    })

    await holds('a batch behind or beyond the head is a conflict', async (t, log) => {
      await log.append(seenFrom(1, 3), 0)
      await refused(t, log.append([seen(1)], 0), 'conflict', 'at the start')
      await refused(t, log.append([seen(3)], 2), 'conflict', 'one behind')
      await refused(t, log.append([seen(5)], 4), 'conflict', 'one beyond')
      await refused(t, log.append([], 2), 'conflict', 'with nothing in it')
      t.strictSame(await log.read(0, 10), seenFrom(1, 3), 'and leaves no trace')
    })

    await holds('a batch with a gap is a conflict as a whole', async (t, log) => {
      await log.append([seen(1)], 0)
      await refused(t, log.append([seen(3)], 1), 'conflict', 'before its first event')
      await refused(t, log.append([seen(2), seen(4)], 1), 'conflict', 'in its middle')
      await refused(t, log.append([seen(2), seen(2)], 1), 'conflict', 'with an event twice')
      await refused(t, log.append([seen(3), seen(2)], 1), 'conflict', 'out of order')
      t.strictSame(await log.read(0, 10), [seen(1)], 'and leaves no trace')
    })

    await holds('a log goes on after a conflict', async (t, log) => {
      await refused(t, log.append([seen(7)], 6), 'conflict', 'refused')
      await log.append(seenFrom(1, 7), 0)
      t.strictSame(await log.read(0, 10), seenFrom(1, 7))
    })

    await holds('of two batches at one head only the first is appended', async (t, log) => {
      const batches = [seenFrom(1, 2), seenFrom(1, 3)]
      const outcomes = await Promise.allSettled(batches.map((batch) => log.append(batch, 0)))
      t.same(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected']
      )
      t.equal(await log.head(), 2)
    })

    await holds('an empty batch at the head changes nothing', async (t, log) => {
      await log.append([], 0)
      await log.append([seen(1)], 0)
      await log.append([], 1)
      t.equal(await log.head(), 1)
    })

    await holds('a page holds as many as asked for, and fewer only at the head', async (t, log) => {
      await log.append(seenFrom(1, 25), 0)
      t.strictSame(await log.read(0, 10), seenFrom(1, 10))
      t.strictSame(await log.read(10, 10), seenFrom(11, 20))
      t.strictSame(await log.read(20, 10), seenFrom(21, 25))
      t.same(await log.read(25, 10), [], 'at the head')
      t.same(await log.read(99, 10), [], 'beyond it')
      t.same(await log.read(0, 0), [], 'for none')
    })

    await holds('pages tell every event up to a position once', async (t, log) => {
      const total = 4_321
      await log.append(seenFrom(1, total), 0)
      for (const [after, upTo] of [
        [0, total],
        [2_000, 4_000],
        [4_320, total],
        [7, 7]
      ] as const) {
        const told = []
        for await (const page of pages(log, after, upTo)) told.push(...page)
        t.strictSame(
          told.map(({ position }) => position),
          seenFrom(after + 1, upTo).map(({ position }) => position),
          `after ${after} up to ${upTo}`
        )
      }
    })

    await holds('a reader sees whole batches while the log grows', async (t, log) => {
      const [batch, batches] = [10, 60]
      const write = async () => {
        for (let head = 0; head < batch * batches; head += batch) {
          await log.append(seenFrom(head + 1, head + batch), head)
          await new Promise(setImmediate)
        }
      }
      const writing = write()
      let at = 0
      const told: Recorded[] = []
      while (at < batch * batches) {
        const head = await log.head()
        if (head % batch !== 0) t.fail(`a head inside of a batch: ${head}`)
        for await (const page of pages(log, at, head)) told.push(...page)
        at = head
        await new Promise(setImmediate)
      }
      await writing
      t.strictSame(told, seenFrom(1, batch * batches))
    })

    await holds('nobody changes an event by changing what was given or told', async (t, log) => {
      const given = structuredClone([seen(1)]) as { recordedAt: number }[]
      await log.append(given as unknown as Recorded[], 0)
      const told = (await log.read(0, 1)) as unknown as { recordedAt: number }[]
      for (const one of [...given, ...told]) one.recordedAt = 0
      t.strictSame(await log.read(0, 1), [seen(1)])
    })

    await t.test('a log has an id of its own', async (t) => {
      const logs = [open(t), open(t)]
      t.teardown(() => Promise.all(logs.map((log) => log.close())))
      t.not(logs[0]?.id, logs[1]?.id)
      t.match(logs[0]?.id, /\S/)
    })
  })
}
