import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { digestOf } from '../projections/digest.ts'
import { projector } from '../projections/projector.ts'
import type { AskedDecision, DecisionMade } from '../src/decision.ts'
import type { Identity } from '../src/domain/answer.ts'
import { LedgerError } from '../src/domain/errors.ts'
import type { Position, Recorded } from '../src/domain/event.ts'
import { openLedger } from '../src/group-commit.ts'
import { memoryLog } from '../src/log/memory.ts'
import { planOn } from '../src/plan.ts'
import type { Reader } from '../src/reader.ts'
import type { WritingView } from '../src/views.ts'
import {
  between,
  type Command,
  command,
  decision,
  limit,
  on,
  retract,
  see
} from './support/decided-histories.ts'
import { picture, type Told } from './support/decision-oracle.ts'
import { holds } from './support/holds.ts'
import { viewOf } from './support/ledger.ts'
import { memoryReadModel } from './support/memory-read-model.ts'

/** How long a plan takes, in turns of the event loop; null where it can't be made. */
type Takes = number | null

type Planning = {
  /** How long one plan after another takes. */
  readonly takes: readonly Takes[]
  /** Of how many decisions one is planned, the first of them. */
  readonly every: number
  /** How long an append takes, in turns. */
  readonly append: number
  /** How many contacts the answers of a batch list at most. */
  readonly weight: number
}

const usual: Planning = { takes: [3], every: 1, append: 0, weight: 1_000 }

/** What became of a command: its answer, or the code of its refusal. */
type Fate = Identity | DecisionMade | LedgerError['code']

/**
 * A ledger in memory that has decisions planned as if all identities were large, but for sharing limits.
 * `planned` tells of which decisions plans were made, `carriedOut` where those stand that came of one.
 */
function planningLedger({ takes, every, append, weight }: Planning) {
  const [db, memory] = [memoryReadModel(), memoryLog()]
  let [asked, time] = [0, 0]
  const view = {
    ...viewOf(db),
    isLarge: () => false,
    mayReshapeLarge: ({ type }: AskedDecision) =>
      type !== 'SharingLimitSet' && asked++ % every === 0
  }
  const log: typeof memory = {
    ...memory,
    async append(...batch) {
      await turns(append)
      await memory.append(...batch)
    }
  }
  const planned: AskedDecision[] = []
  const carriedOut: Position[] = []
  const plan: Reader<DecisionMade>['plan'] = async (asked) => {
    const long = takes[planned.length % takes.length] ?? null
    planned.push(asked)
    if (long === null) throw new LedgerError('unavailable', 'Nobody could answer that now.')
    // What a thread tells is a copy.
    const { plan, difference } = structuredClone(planOn(view, asked))
    await turns(long)
    const tell = (events: readonly Recorded[]) => {
      carriedOut.push(events[0]?.position ?? 0)
      return { ...difference, events }
    }
    return { ...plan, tell }
  }
  const failures: unknown[] = []
  const ledger = openLedger<DecisionMade>({
    log,
    view,
    reader: { plan, cut() {} } as unknown as Reader<DecisionMade>,
    now: () => ++time,
    onFailure: (error) => failures.push(error),
    batchLimits: { requests: 3, weight },
    memoryLimits: { held: 6, kept: 2 }
  })
  const tell = ({ asked, decision }: Command, key: string | null = null): Promise<Fate> =>
    (decision ? ledger.decide(decision) : ledger.observe({ ...asked, idempotencyKey: key })).catch(
      (error: unknown) => {
        if (error instanceof LedgerError) return error.code
        throw error
      }
    )
  return { db, log, view, ledger, planned, carriedOut, failures, tell }
}

/** Lets so many turns of the event loop pass. */
async function turns(many: number) {
  for (let nth = 0; nth < many; nth++) await new Promise((turn) => setImmediate(turn))
}

/** Waits until the rows of the last plan are written. */
async function allWritten({ unsettled }: Pick<WritingView, 'unsettled'>) {
  while (unsettled()) await turns(1)
}

/** How long nothing comes after a command, in turns of the event loop; null for until all are answered. */
type Pause = number | null
type Story = readonly (readonly [Command, Pause])[]

const anyStory: fc.Arbitrary<Story> = fc.array(
  fc.tuple(command, fc.oneof(fc.constant(0), fc.nat({ max: 4 }))),
  { maxLength: 40, size: 'max' }
)

/** A decision on what was told before, and a little that comes while it is planned. */
const aimed: fc.Arbitrary<Story> = fc
  .tuple(
    fc.array(command, { maxLength: 15, size: 'max' }),
    fc.array(command, { maxLength: 7, size: 'max' }),
    fc.tuple(decision, fc.nat({ max: 4 })),
    fc.array(command, { minLength: 1, maxLength: 3 })
  )
  .map(([before, queued, decided, meanwhile]) => [
    ...before.map((one): [Command, Pause] => [one, null]),
    ...queued.map((one): [Command, Pause] => [one, 0]),
    decided,
    ...meanwhile.map((one): [Command, Pause] => [one, 0])
  ])

const planning: fc.Arbitrary<Planning> = fc.record({
  takes: fc.array(fc.option(fc.nat({ max: 8 }), { freq: 8 }), { minLength: 1, maxLength: 4 }),
  every: fc.integer({ min: 1, max: 3 }),
  append: fc.nat({ max: 2 }),
  weight: fc.constantFrom(3, 1_000)
})

/** A log up to an event, and what came of that. */
function upTo(log: readonly Recorded[], { position }: Recorded): readonly Told[] {
  const next = log.slice(position).findIndex(({ event }) => !('cause' in event))
  return log.slice(0, next === -1 ? log.length : position + next) as readonly Told[]
}

const texts = (identities: readonly unknown[]) =>
  new Set(identities.map((one) => JSON.stringify(one)))

/** Checks that a decision is told as what its events changed. */
function tellsOf(log: readonly Recorded[], { events, before, after }: DecisionMade) {
  const [first] = events as [Recorded]
  same(events, log.slice(first.position - 1, first.position - 1 + events.length))
  const was = texts(picture(log.slice(0, first.position - 1) as readonly Told[]).identities)
  const is = texts(picture(upTo(log, first)).identities)
  same(texts(before), new Set([...was].filter((one) => !is.has(one))))
  same(texts(after), new Set([...is].filter((one) => !was.has(one))))
}

/** Where a log says otherwise than what follows, and the digest of what does. */
function whatFollowsFrom(log: readonly Recorded[]) {
  const fresh = memoryReadModel()
  const models = projector(fresh)
  models.hearAll(log)
  const told = [models.contacts.discrepancies(), digestOf(fresh)]
  fresh.close()
  return told
}

/** Tells a story to a ledger that plans, and checks all that it recorded and answered. */
async function playOut(story: Story, planning: Planning) {
  const { db, log, ledger, failures, tell } = planningLedger(planning)
  const fates: Promise<Fate>[] = []
  for (const [nth, [command, pause]] of story.entries()) {
    fates.push(tell(command, `${nth}`))
    await (pause === null ? Promise.all(fates) : turns(pause))
  }
  const answers = await Promise.all(fates)
  await ledger.close()
  const told = await log.read(0, 10_000)
  same([failures, ...whatFollowsFrom(told)], [[], [], digestOf(db)])
  for (const [nth, answer] of answers.entries()) {
    if (typeof answer === 'string') continue
    if ('events' in answer) {
      tellsOf(told, answer)
      continue
    }
    const seen = told.find(
      ({ event }) => 'observedAt' in event && event.idempotencyKey === `${nth}`
    )
    const { email, phoneNumber } = story[nth]?.[0].asked ?? { email: null, phoneNumber: null }
    same(answer, picture(upTo(told, seen as Recorded)).answerFor(email, phoneNumber))
  }
  db.close()
}

holds(
  t,
  'whatever comes while decisions are planned, all that is recorded and answered follows',
  fc.tuple(anyStory, planning),
  ([story, planning]) => playOut(story, planning)
)

holds(
  t,
  'so it does whatever comes while one is planned',
  fc.tuple(aimed, planning),
  ([story, planning]) => playOut(story, { ...planning, takes: [4] })
)

const said = ({ event }: Recorded) => ('email' in event ? event.idempotencyKey : event.type)

type Played = ReturnType<typeof planningLedger> & {
  /** What was recorded since: keys of observations, and the types of all else. */
  since(): Promise<readonly unknown[]>
}

/** A test of what happens once a ledger was told commands; all that is recorded must follow. */
function played(
  claim: string,
  told: readonly Command[],
  planning: Partial<Planning>,
  play: (t: Test, ledger: Played) => Promise<void>
) {
  return t.test(claim, async (t) => {
    const one = planningLedger({ ...usual, ...planning })
    const { db, log, ledger, failures, tell } = one
    for (const command of told) await tell(command)
    await allWritten(one.view)
    const before = await log.head()
    await play(t, {
      ...one,
      since: async () => (await log.read(before, 10_000)).map(said)
    })
    await ledger.close()
    const follows = whatFollowsFrom(await log.read(0, 10_000))
    t.same([failures, ...follows], [[], [], digestOf(db)])
    db.close()
  })
}

/** So many requests that others are decided in a later turn. */
const crowd = (tell: Played['tell']) =>
  Array.from({ length: 7 }, (_, nth) => tell(see(null, `${nth + 5}`), `${nth}`))

const hub = [see('a@x', '1'), see('b@x', '1'), see('c@x', '1'), see('d@x', '2')]

played(
  'others are answered while a decision is planned',
  hub,
  { takes: [30] },
  async (t, { tell, since, carriedOut }) => {
    const decided = tell(on('IdentifierBlocked', '1'))
    await turns(10)
    t.match(await tell(see('d@x', '3'), 'other'), { primaryContactId: 4 })
    t.match(await decided, { changed: true })
    t.same(await since(), ['other', 'IdentifierBlocked', 'ContactsSplit'])
    t.same(carriedOut, [6])
  }
)

played(
  'one that came in between has it planned anew, and whoever comes then waits',
  hub,
  { takes: [10] },
  async (t, { tell, since, planned, carriedOut }) => {
    const decided = tell(on('IdentifierBlocked', '1'))
    await turns(6)
    await tell(see('e@x', '1'), 'between')
    while (planned.length < 2) await turns(1)
    const after = [tell(see('a@x', '1'), 'later'), tell(see(null, '1'), 'latest')]
    await tell(see('d@x', '3'), 'other')
    await Promise.all([decided, ...after])
    t.same(await since(), [
      'between',
      'other',
      'IdentifierBlocked',
      'ContactsSplit',
      'later',
      'latest'
    ])
    t.same([planned.length, carriedOut], [2, [7]])
  }
)

/** Tells requests one after another, until a decision is made or too many were told. */
async function toldUntil(
  decided: Promise<Fate>,
  tell: Played['tell'],
  nextOf: (nth: number, planned: number) => Command | null,
  planned: readonly unknown[]
) {
  let made = false
  const noted = decided.then(() => {
    made = true
  })
  const told: Promise<Fate>[] = []
  for (let nth = 0; !made && nth < 500; nth++) {
    const next = nextOf(nth, planned.length)
    if (next !== null) told.push(tell(next))
    await Promise.race([told.at(-1), noted])
    await turns(1)
  }
  await decided
  return Promise.all(told)
}

played(
  'an identity that grows and grows at its newest value is planned anew once',
  hub,
  { takes: [10] },
  async (t, { tell, planned }) => {
    const values = (nth: number) =>
      nth % 2 === 0 ? see(`${nth}@y`, `${100 + nth + 1}`) : see(`${nth + 1}@y`, `${100 + nth}`)
    await tell(see('a@x', '101'))
    const decided = tell(on('IdentifierBlocked', '1'))
    await toldUntil(decided, tell, (nth) => values(nth + 1), planned)
    t.equal(planned.length, 2)
  }
)

played(
  'one with which others merge by a value that nobody named is planned anew three times',
  [...hub, ...Array.from({ length: 60 }, (_, nth) => see(`${nth}@y`, `${100 + nth}`))],
  { takes: [10] },
  async (t, { tell, planned }) => {
    const decided = tell(on('IdentifierBlocked', '1'))
    let last = 0
    const next = (_: number, plans: number) => {
      if (plans === last) return null
      last = plans
      return see(plans === 1 ? 'a@x' : `${plans - 1}@y`, `${100 + plans}`)
    }
    await toldUntil(decided, tell, next, planned)
    t.equal(planned.length, 4)
  }
)

// Once the forbidden email can't link, the oldest contact stands by its phone.
const forbidden = [
  ...[see('x@x', '1'), see('a@x', '1'), see('b@x', '1'), see('x@x', '2'), limit('email', 1)],
  between('LinkForbidden', 'x@x', '1')
]
played(
  'that somebody came who is nowhere named is noticed',
  forbidden,
  { takes: [10] },
  async (t, { tell, planned }) => {
    const decided = tell(on('IdentifierBlocked', '1'))
    await turns(6)
    await tell(see('x@x', '3'), 'between')
    t.match(await decided, { before: [{ primaryContactId: 1 }] })
    t.equal(planned.length, 3)
  }
)

const limited = [...hub, limit('phone', 1)]
played(
  'a sharing limit that was set meanwhile has a say',
  limited,
  { takes: [20] },
  async (t, { tell, since }) => {
    const others = crowd(tell)
    const set = tell(limit('phone', 2))
    const forbidden = tell(between('LinkForbidden', 'a@x', '1'))
    await Promise.all([...others, set])
    t.match(await forbidden, { after: [{ emails: ['b@x', 'c@x'] }] })
    t.same((await since()).slice(7), ['SharingLimitSet', 'LinkForbidden', 'ContactsMerged'])
  }
)

played(
  'of a retracted contact either value counts, though it stands by one',
  [see('a@x', '1'), see('a@x', null), retract(1)],
  { takes: [10] },
  async (_, { tell }) => {
    const decided = tell(retract(2))
    await turns(6)
    await Promise.all([tell(see(null, '1')), decided])
  }
)

played(
  'two that are forbidden may be seen together only now',
  [see('a@x', '1'), see('d@x', null)],
  { takes: [10] },
  async (t, { tell, since }) => {
    const decided = tell(between('LinkForbidden', 'd@x', '1'))
    await turns(6)
    await Promise.all([tell(see('d@x', '1'), 'between'), decided])
    t.same(await since(), ['between', 'ContactsMerged', 'LinkForbidden', 'ContactsSplit'])
  }
)

played(
  'what stands alone may be seen again before it is retracted',
  [
    ...[see('a@x', null), see(null, '1')],
    ...['a@x', '1'].map((one) => on('IdentifierBlocked', one)),
    see('a@x', '1')
  ],
  { takes: [10] },
  async (t, { tell }) => {
    const decided = tell(retract(5))
    await turns(6)
    await tell(see('a@x', '1'), 'between')
    t.match(await decided, { changed: false })
  }
)

played(
  'what was decided just before has a say',
  [
    ...hub,
    between('LinkAsserted', 'a@x', '2'),
    ...['a@x', '2'].map((one) => on('IdentifierBlocked', one))
  ],
  { takes: [10] },
  async (t, { tell, since }) => {
    const others = crowd(tell)
    await Promise.all([
      ...others,
      ...['2', 'a@x'].map((one) => tell(on('IdentifierUnblocked', one)))
    ])
    t.same((await since()).slice(7), [
      'IdentifierUnblocked',
      'IdentifierUnblocked',
      'ContactsMerged'
    ])
  }
)

played(
  'who brings a value that nobody knows waits for nobody',
  [...hub, see(null, '1')],
  { takes: [10] },
  async (t, { tell, since, planned, view }) => {
    await tell(on('IdentifierBlocked', '1'))
    await allWritten(view)
    const decided = tell(on('IdentifierBlocked', 'a@x'))
    await turns(6)
    await tell(see('a@x', '1'), 'between')
    while (planned.length < 3) await turns(1)
    await tell(see('new@x', 'new'), 'other')
    await decided
    t.same((await since()).slice(2, 5), ['between', 'other', 'IdentifierBlocked'])
  }
)

played(
  'what is not known yet when a decision is planned may be known when it is made',
  hub,
  { takes: [10] },
  async (t, { tell }) => {
    const others = [...crowd(tell), tell(see('late@x', null), 'late')]
    t.match(await tell(between('LinkAsserted', 'a@x', 'late@x')), { changed: true })
    await Promise.all(others)
  }
)

played(
  'what can’t be planned is refused as the reader says, and whoever waited for it is answered',
  hub,
  { takes: [10, null] },
  async (t, { tell, since }) => {
    const decided = tell(on('IdentifierBlocked', '1'))
    await turns(6)
    const others = [tell(see('e@x', '1'), 'between'), tell(see('a@x', '1'), 'later')]
    t.equal(await decided, 'unavailable')
    await Promise.all(others)
    t.same(await since(), ['between', 'later'])
    t.equal(await tell(on('IdentifierBlocked', 'nobody@x')), 'not_found')
  }
)

played(
  'a decision that takes no plan is made while another is planned, but not while that one is planned anew',
  hub,
  { takes: [10], every: 3 },
  async (t, { tell, since, planned }) => {
    const decided = tell(on('IdentifierBlocked', '1'))
    await turns(4)
    t.match(await tell(on('IdentifierBlocked', 'd@x')), { changed: false })
    t.same(await since(), ['IdentifierBlocked'])
    while (planned.length < 2) await turns(1)
    await Promise.all([tell(on('IdentifierUnblocked', 'd@x')), decided])
    const large = ['IdentifierBlocked', 'ContactsSplit']
    t.same(await since(), ['IdentifierBlocked', ...large, 'IdentifierUnblocked'])
    t.equal(planned.length, 2)
  }
)

played(
  'decisions that take a plan are made in the order in which they came',
  hub,
  { takes: [9, 1, 5, 0] },
  async (t, { tell, since }) => {
    const types = ['IdentifierBlocked', 'IdentifierUnblocked', 'IdentifierBlocked'] as const
    await Promise.all(types.map((type) => tell(on(type, 'd@x'))))
    t.same(await since(), types)
  }
)

played(
  'others are answered while the rows of a plan are written, and who asks of its values waits',
  hub,
  { takes: [3] },
  async (t, { tell, view, ledger }) => {
    t.match(await tell(on('IdentifierBlocked', '1')), { changed: true })
    const later = tell(see('a@x', '9'), 'later').then((answer) => [answer, view.unsettled()])
    t.match(await tell(see('d@x', '3'), 'other'), { primaryContactId: 4 })
    t.equal(view.unsettled(), true, 'some are left')
    t.match(await ledger.contact(2), { identity: { primaryContactId: 2 } })
    t.match(await later, [{ primaryContactId: 1, phoneNumbers: ['1', '9'] }, false])
  }
)

played(
  'while the rows of a plan are written no other decision is made',
  hub,
  { takes: [3], every: 2 },
  async (t, { tell, view, since }) => {
    await tell(on('IdentifierBlocked', '1'))
    t.equal(view.unsettled(), true)
    await Promise.all(
      [limit('email', 0), between('LinkForbidden', 'a@x', 'd@x')].map((one) => tell(one))
    )
    t.equal(view.unsettled(), false)
    t.same(await since(), [
      'IdentifierBlocked',
      'ContactsSplit',
      'SharingLimitSet',
      'LinkForbidden'
    ])
  }
)

played(
  'who closes a ledger has the rows of a plan written, and answers who waits for that',
  hub,
  { takes: [3] },
  async (t, { tell, view, ledger }) => {
    await tell(on('IdentifierBlocked', '1'))
    t.equal(view.unsettled(), true)
    const later = tell(see('a@x', '9'), 'later')
    await turns(1)
    await ledger.close()
    t.match(await later, { primaryContactId: 1 })
  }
)

t.test('whoever waits once rows of a plan can’t be written is refused', async (t) => {
  const { db, ledger, tell, failures, view } = planningLedger(usual)
  for (const command of [...hub, on('IdentifierBlocked', '1')]) await tell(command)
  const full = new Error('disk full')
  view.settleMore = () => {
    throw full
  }
  const waiting = [see('a@x', '9'), see('d@x', '3'), on('IdentifierBlocked', '2')]
  const fates = await Promise.all(waiting.map((one) => tell(one)))
  t.same([failures, fates], [[full], ['unavailable', 'unavailable', 'unavailable']])
  await ledger.close()
  db.close()
})

t.test('whoever waits once the read model fails is refused', async (t) => {
  const [made, refused] = ['answered', 'unavailable']
  for (const [broken, expected] of [
    // Asked of the next decision only once this one is made.
    ['mayReshapeLarge', [made, refused, made, refused]],
    // Asked of whoever comes while it is planned anew.
    ['identifier', [refused, refused, refused, refused]]
  ] as const) {
    const { db, ledger, tell, planned, failures, view } = planningLedger({ ...usual, takes: [10] })
    for (const command of hub) await tell(command)
    const decided = [tell(on('IdentifierBlocked', '1')), tell(on('IdentifierBlocked', '2'))]
    await turns(6)
    await tell(see('e@x', '1'), 'between')
    while (planned.length < 2) await turns(1)
    const full = new Error('disk full')
    view[broken] = () => {
      throw full
    }
    const waiting = [tell(see('a@x', '1'), 'later'), tell(on('IdentifierBlocked', 'c@x'))]
    const fates = await Promise.all([...decided, ...waiting])
    const told = fates.map((fate) => (typeof fate === 'string' ? fate : made))
    t.same([failures, told], [[full], expected], broken)
    t.equal(await tell(see('z@x', '1')), 'unavailable')
    await ledger.close()
    db.close()
  }
})

played(
  'who closes a ledger refuses what is planned, and answers who waits for it',
  hub,
  { takes: [10] },
  async (t, { tell, since, ledger, planned }) => {
    const decided = [tell(on('IdentifierBlocked', '1')), tell(on('IdentifierBlocked', '2'))]
    await turns(6)
    await tell(see('e@x', '1'), 'between')
    while (planned.length < 2) await turns(1)
    const later = tell(see('a@x', '1'), 'later')
    await turns(2)
    await ledger.close()
    t.same(await Promise.all(decided), ['unavailable', 'unavailable'])
    t.match(await later, { primaryContactId: 1 })
    t.same(await since(), ['between', 'later'])
  }
)
