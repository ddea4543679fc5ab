import fc from 'fast-check'
import type { Identity } from '../../src/domain/answer.ts'
import { decide, type Observation } from '../../src/domain/decide.ts'
import type { Recorded, Timestamp } from '../../src/domain/event.ts'
import { knowledgeOf } from '../../src/domain/knowledge.ts'
import { answer, emptyNeighbourhood, follow } from '../../src/domain/neighbourhood.ts'

/** A request, normalised. */
export function asked(
  email: string | null,
  phoneNumber: string | null,
  idempotencyKey: string | null = null,
  observedAt: Timestamp | null = null
): Observation {
  return { email, phoneNumber, source: 'test', idempotencyKey, observedAt }
}

/** What came of requests: the events that they put on record, and the answer to each. */
export type Told = { readonly history: Recorded[]; readonly answers: Identity[] }

/** Puts requests to the pure core, one after the other; the clock says when the nth one comes. */
export function tell(
  requests: readonly Observation[],
  clock: (nth: number) => Timestamp = (nth) => nth * 1_000
): Told {
  const known = emptyNeighbourhood({ email: Infinity, phone: Infinity })
  const told: Told = { history: [], answers: [] }
  let [contact, identifier] = [1, 1]
  requests.forEach((request, nth) => {
    const next = { position: told.history.length + 1, contact, identifier, now: clock(nth) }
    const { events } = decide(knowledgeOf(known, request), request, next, noDecisions)
    for (const recorded of events) {
      follow(known, recorded)
      told.history.push(recorded)
      if (recorded.event.type !== 'ContactObserved') continue
      if (recorded.event.contact !== null) contact++
      identifier = Math.max(identifier, ...recorded.identifiers.map(({ number }) => number + 1))
    }
    told.answers.push(answer(known, request))
  })
  return told
}

/** Where nothing was decided, the evidence is never asked. */
function noDecisions(): never {
  throw new Error('the evidence was asked')
}

export const emails = fc.constantFrom('a@x', 'b@x', 'c@x', 'd@x', 'e@x')
export const phones = fc.constantFrom('1', '2', '3', '4', '5')

/** One request. Those for one value alone make the identities that others merge. */
export const request = fc.oneof(
  fc.tuple(emails, phones),
  fc.tuple(emails, fc.constant(null)),
  fc.tuple(fc.constant(null), phones)
)

export const mostRequests = 30

/** When something was seen: half of them now, the rest at any time around those of `clocks`. */
export const observedAt = fc.option(fc.integer({ min: -5, max: 15 }), { freq: 2 })

/** Requests over so few values that they collide all the time. */
export const requests: fc.Arbitrary<Observation[]> = fc
  .array(request, { maxLength: mostRequests, size: 'max' })
  .map((pairs) => pairs.map(([email, phoneNumber]) => asked(email, phoneNumber)))

/** Clocks that stand still, jump, and go backwards. */
export const clocks = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: mostRequests, maxLength: mostRequests })
  .map((times) => (nth: number) => times[nth] ?? 0)

/** The events of a real history. */
export const history: fc.Arbitrary<Recorded[]> = fc
  .tuple(requests, clocks)
  .map(([requests, clock]) => tell(requests, clock).history)

/** A list as it is, cut into batches at random. */
export function batches<T>(list: readonly T[]): fc.Arbitrary<T[][]> {
  return fc.subarray([...list.keys()].slice(1)).map((cuts) => {
    const ends = [...cuts, list.length]
    return ends.map((end, nth) => list.slice(ends[nth - 1] ?? 0, end))
  })
}

/** A history, and the same one again: shuffled, some of it twice, cut into batches. */
export const retold: fc.Arbitrary<[Recorded[], Recorded[][]]> = history.chain((told) =>
  fc
    .tuple(
      fc.constant(told),
      fc.subarray(told).chain((twice) => shuffled([...told, ...twice]))
    )
    .chain(([told, again]) => fc.tuple(fc.constant(told), batches(again)))
)

/** Requests, and the same ones in another order. */
export const reordered: fc.Arbitrary<[Observation[], Observation[]]> = requests.chain((given) =>
  fc.tuple(fc.constant(given), shuffled(given))
)

/** Requests in groups that arrive at once, and how many groups come before the ledger reopens. */
export const arrivals: fc.Arbitrary<[Observation[][], number]> = requests
  .chain(batches)
  .chain((groups) => fc.tuple(fc.constant(groups), fc.integer({ min: 0, max: groups.length })))

export function shuffled<T>(list: T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray(list, { minLength: list.length })
}
