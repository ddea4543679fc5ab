import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Identity } from '../../src/domain/answer.ts'
import type { PublishedEvent } from '../../src/published-event.ts'
import { type Served, serve } from '../support/service.ts'

type Pair = readonly [email: string | null, phoneNumber?: string | null]

/** How often each race is run: every time on values of its own. */
const rounds = Array.from({ length: 20 }, (_, nth) => nth)

/** Sends all at once, each over a connection of its own, in this order. */
function atOnce(ledger: Served, pairs: readonly Pair[]): Promise<Identity[]> {
  return Promise.all(pairs.map(([email, phone]) => ledger.identify(email, phone)))
}

/** The same things in another order, by chance; every failure tells the seed. */
function shuffled<T>(things: readonly T[], seed: number): T[] {
  const all = fc.shuffledSubarray([...things], { minLength: things.length })
  return fc.sample(all, { seed, numRuns: 1 })[0] ?? []
}

const contactsOf = ({ primaryContactId, secondaryContactIds }: Identity) => [
  primaryContactId,
  ...secondaryContactIds
]

const merges = (events: readonly PublishedEvent[]) =>
  events.flatMap((event) => (event.type === 'ContactsMerged' ? [event] : []))

/** Asserts that the log is whole, that nobody is absorbed twice, and that `verify` finds no fault. */
async function isSound(t: Test, ledger: Served) {
  const events = await ledger.events()
  t.strictSame(
    events.map(({ position }) => position),
    events.map((_, nth) => nth + 1),
    'positions have no gap'
  )
  const minted = events.flatMap((event) =>
    event.type === 'ContactObserved' ? (event.data.contact ?? []) : []
  )
  t.strictSame(
    minted,
    minted.map((_, nth) => nth + 1),
    'ids are given once, in the order of the log'
  )
  const absorbed = merges(events).flatMap(({ data }) => data.absorbed)
  t.equal(new Set(absorbed).size, absorbed.length, 'each primary is absorbed once')
  for (const { position, data } of merges(events)) {
    const cause = events[data.cause - 1]
    t.ok(data.cause < position && cause?.type === 'ContactObserved', 'a merge has its cause')
    t.ok(
      data.absorbed.every((id) => id > data.survivor),
      'the elder survives'
    )
  }
  t.match(await ledger.verify(), { ok: true, events: events.length, problems: [] })
}

t.test('many first requests for one person make one contact', async (t) => {
  const ledger = await serve(t)
  for (const round of rounds) {
    const pair = [`marty${round}@hillvalley.edu`, `555${round}`] as const
    const told = await atOnce(ledger, Array(50).fill(pair))
    const one = {
      primaryContactId: round + 1,
      emails: [pair[0]],
      phoneNumbers: [pair[1]],
      secondaryContactIds: []
    }
    t.strictSame(told, Array(50).fill(one), 'all are told the same')
  }
  t.equal(await ledger.head(), 50 * rounds.length, 'every request is recorded')
  await isSound(t, ledger)
})

t.test('many first requests for parts of one person make one identity', async (t) => {
  const ledger = await serve(t)
  for (const round of rounds) {
    const [email, phone] = [`marty${round}@hillvalley.edu`, `555${round}`]
    const parts: Pair[] = [[email], [null, phone], [email, phone]]
    await atOnce(ledger, shuffled(Array<Pair[]>(16).fill(parts).flat(), round))
    const one = await ledger.identify(email, phone)
    t.strictSame([one.emails, one.phoneNumbers], [[email], [phone]])
    t.ok(contactsOf(one).length <= 2, 'as many contacts as brought something new')
    t.strictSame(await ledger.identify(email), one)
    t.strictSame(await ledger.identify(null, phone), one)
  }
  await isSound(t, ledger)
})

t.test('a bridge that comes together with both its sides joins them', async (t) => {
  const ledger = await serve(t)
  for (const round of rounds) {
    const [left, right]: Pair[] = [
      [`george${round}@hillvalley.edu`, `1${round}`],
      [`biff${round}@hillvalley.edu`, `2${round}`]
    ]
    const bridge: Pair = [left?.[0] ?? null, right?.[1] ?? null]
    await atOnce(ledger, shuffled([left, right, bridge] as Pair[], round))
    const one = await ledger.identify(...bridge)
    t.strictSame([one.emails.length, one.phoneNumbers.length], [2, 2], 'one person has all four')
    for (const [email, phone] of [left, right] as Pair[]) {
      t.strictSame(await ledger.identify(email), one)
      t.strictSame(await ledger.identify(null, phone), one)
    }
  }
  await isSound(t, ledger)
})

t.test('many bridges between the same two merge them once', async (t) => {
  const ledger = await serve(t)
  await ledger.identify('george@hillvalley.edu', '919191')
  await ledger.identify('biffsucks@hillvalley.edu', '717171')
  const ways: Pair[] = [
    ['george@hillvalley.edu', '717171'],
    ['biffsucks@hillvalley.edu', '919191']
  ]
  const told = await atOnce(ledger, Array<Pair[]>(30).fill(ways).flat())
  t.strictSame(new Set(told.map((one) => JSON.stringify(one))).size, 1, 'all are told the same')
  t.strictSame(
    merges(await ledger.events()).map(({ data }) => data),
    [{ survivor: 1, absorbed: [2], cause: 3 }]
  )
  await isSound(t, ledger)
})

t.test('a ring of eight primaries that closes at once is one person', async (t) => {
  const ledger = await serve(t)
  for (const round of rounds) {
    const ring = Array.from(
      { length: 8 },
      (_, nth): Pair => [`r${round}.${nth}@b.c`, `${round}${nth}`]
    )
    const made = await atOnce(ledger, ring)
    t.strictSame(
      made.map(contactsOf).sort(([a = 0], [b = 0]) => a - b),
      ring.map((_, nth) => [round * 8 + nth + 1]),
      'eight strangers'
    )
    const links = ring.map(([email], nth): Pair => [email, ring[(nth + 1) % 8]?.[1] ?? null])
    await atOnce(ledger, shuffled(links, round))
    const [one, ...others] = await atOnce(ledger, ring)
    t.strictSame(
      one && contactsOf(one),
      ring.map((_, nth) => round * 8 + nth + 1),
      'eight contacts, the oldest is primary'
    )
    for (const other of others) t.strictSame(other, one, 'wherever it is asked')
  }
  const absorbed = merges(await ledger.events()).flatMap(({ data }) => data.absorbed)
  t.equal(absorbed.length, 7 * rounds.length, 'seven are absorbed a ring')
  await isSound(t, ledger)
})

t.test('a chain of thirty links in any order is one person', async (t) => {
  const ledger = await serve(t)
  for (const round of rounds) {
    const links = Array.from({ length: 30 }, (_, nth): Pair => {
      const [email, phone] = [Math.ceil(nth / 2), Math.floor(nth / 2)]
      return [`c${round}.${email}@b.c`, `${round}00${phone}`]
    })
    await atOnce(ledger, shuffled(links, round))
    const one = await ledger.identify(...(links[0] as Pair))
    t.strictSame(new Set(one.emails), new Set(links.map(([email]) => email)))
    t.strictSame(new Set(one.phoneNumbers), new Set(links.map(([, phone]) => phone)))
    t.equal(one.primaryContactId, Math.min(...contactsOf(one)), 'the oldest is primary')
    for (const other of await atOnce(ledger, links)) t.strictSame(other, one)
  }
  await isSound(t, ledger)
})

t.test('a key that comes many times at once is used once', async (t) => {
  const ledger = await serve(t)
  const key = { 'idempotency-key': 'order-1' }
  const same = Array.from({ length: 40 }, () => ledger.post({ email: 'jen@hillvalley.edu' }, key))
  const told = await Promise.all(same)
  t.ok(told.every(({ status, text }) => status === 200 && text === told[0]?.text))
  t.equal(await ledger.head(), 1)

  const other = { 'idempotency-key': 'order-2' }
  const bodies = Array.from({ length: 40 }, (_, nth) => ({ phoneNumber: nth }))
  const statuses = (await Promise.all(bodies.map((body) => ledger.post(body, other)))).map(
    ({ status }) => status
  )
  t.strictSame(statuses.sort(), [200, ...Array(39).fill(422)], 'of other bodies, one wins')
  t.equal(await ledger.head(), 2)
  await isSound(t, ledger)
})

t.test('whoever reads between the writes sees each answer that was given', async (t) => {
  const ledger = await serve(t)
  await Promise.all(
    rounds.map(async (round) => {
      const email = `reader${round}@b.c`
      for (let nth = 0; nth < 10; nth++) {
        const told = await ledger.identify(email, `${round}000${nth}`)
        const { body } = await ledger.get(`/contacts?email=${email}`)
        t.strictSame(body, told, 'what was answered is read')
        const newest = told.secondaryContactIds.at(-1) ?? told.primaryContactId
        t.match(await ledger.contact(newest), { email, phoneNumber: `${round}000${nth}` })
      }
    })
  )
  await isSound(t, ledger)
})
