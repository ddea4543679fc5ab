import type Database from 'better-sqlite3'
import fc from 'fast-check'
import { projector } from '../../projections/projector.ts'
import { readingView } from '../../projections/reading-view.ts'
import { writingView } from '../../projections/writing-view.ts'
import { decideInto, emptyBatch, type Waiting } from '../../src/batch.ts'
import type { AskedDecision, DecisionMade, Value } from '../../src/decision.ts'
import type { Identity } from '../../src/domain/answer.ts'
import type { Observation } from '../../src/domain/decide.ts'
import type { LedgerError } from '../../src/domain/errors.ts'
import type { Recorded, Timestamp } from '../../src/domain/event.ts'
import { emptyNeighbourhood } from '../../src/domain/neighbourhood.ts'
import type { View } from '../../src/views.ts'
import {
  asked,
  batches,
  clocks,
  emails,
  mostRequests,
  observedAt,
  phones,
  request,
  shuffled
} from './histories.ts'
import { memoryReadModel } from './memory-read-model.ts'

/** Something that a ledger is asked to put on record: a request, or an operator's decision. */
export type Command =
  | { readonly asked: Observation; readonly decision?: never }
  | { readonly asked?: never; readonly decision: AskedDecision }

/** What came of a command: the answer, or the refusal. */
export type Outcome = Identity | DecisionMade | LedgerError

/** A ledger in memory that was told commands, each on its own, through what the service runs. */
export type Teller = {
  readonly db: Database.Database
  readonly view: View
  readonly history: Recorded[]
  readonly outcomes: Outcome[]
  tell(commands: readonly Command[], clock?: (nth: number) => Timestamp): void
}

/** An empty ledger in memory. Close `db` when done. */
export function teller(): Teller {
  const db = memoryReadModel()
  const models = projector(db)
  const view: View = {
    ...readingView(db, models.flush),
    ...writingView(db, models),
    position: models.position
  }
  const history: Recorded[] = []
  const outcomes: Outcome[] = []
  return {
    db,
    view,
    history,
    outcomes,
    tell(commands, clock = (nth) => nth * 1_000) {
      let known = emptyNeighbourhood(view.limits())
      let told = 0
      const answer = (outcome: Outcome) => void outcomes.push(outcome)
      const waiting = commands.map(
        (command): Waiting =>
          command.asked === undefined
            ? { kind: 'decide', resolve: answer, reject: answer, ...command }
            : { kind: 'observe', resolve: answer, reject: answer, ...command }
      )
      while (told < waiting.length) {
        const batch = emptyBatch(view.latest().position)
        const limits = { requests: 3, weight: 1_000 }
        const next = waiting.slice(told)
        const { done, outdated } = decideInto(batch, next, view, known, clock(told), limits)
        if (outdated) known = emptyNeighbourhood(view.limits())
        for (const { give } of batch.answers) give()
        history.push(...batch.events)
        told += done
      }
      view.commit()
    }
  }
}

/** What is asked of a ledger that heard these commands. */
export function afterTelling<T>(
  commands: readonly Command[],
  ask: (told: Teller) => T,
  clock?: (nth: number) => Timestamp
): T {
  const told = teller()
  try {
    told.tell(commands, clock)
    return ask(told)
  } finally {
    told.db.close()
  }
}

/** The number of each identifier that a ledger knows. */
export function numbersIn({ db }: Teller): number[] {
  return db.prepare<[], number>('SELECT number FROM identifiers').pluck().all()
}

const said = { actor: 'ann', reason: 'a test' }

/** Shorthands, so that stories read well. */
export const see = (
  email: string | null,
  phone: string | null,
  observedAt: Timestamp | null = null
): Command => ({ asked: asked(email, phone, null, observedAt) })
export const on = (
  type: 'IdentifierBlocked' | 'IdentifierUnblocked',
  identifier: string
): Command => ({ decision: { type, identifier: value(identifier), ...said } })
export const between = (
  type: 'LinkForbidden' | 'LinkAllowed' | 'LinkAsserted' | 'AssertionWithdrawn',
  one: string,
  other: string
): Command => ({ decision: { type, between: [value(one), value(other)], ...said } })
export const retract = (observation: number): Command => ({
  decision: { type: 'ObservationRetracted', observation, ...said }
})
export const limit = (kind: 'email' | 'phone', limit: number | null): Command => ({
  decision: { type: 'SharingLimitSet', kind, limit, ...said }
})

function value(written: string): Value {
  return { kind: written.includes('@') ? 'email' : 'phone', value: written }
}

const anyValue = fc.oneof(emails, phones)

/** Any decision, most often about something that was observed. */
export const decision: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: mostRequests }).map(retract) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom('IdentifierBlocked' as const, 'IdentifierUnblocked' as const),
        anyValue
      )
      .map(([type, identifier]) => on(type, identifier))
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          'LinkForbidden' as const,
          'LinkAllowed' as const,
          'LinkAsserted' as const,
          'AssertionWithdrawn' as const
        ),
        anyValue,
        anyValue
      )
      .map(([type, one, other]) => between(type, one, other))
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('email' as const, 'phone' as const),
        fc.option(fc.integer({ min: 0, max: 4 }))
      )
      .map(([kind, most]) => limit(kind, most))
  }
)

export const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(request, observedAt).map(([[email, phone], at]) => see(email, phone, at))
  },
  { weight: 1, arbitrary: decision }
)

/** Requests and decisions over so few values that they collide all the time. */
export const commands: fc.Arbitrary<Command[]> = fc.array(command, {
  maxLength: mostRequests,
  size: 'max'
})

/** An email that is blocked most of the time. */
export const mailbox = 'a@x'

/** What comes of those who give a mailbox that is blocked: seen, retracted, limited, again and again. */
export const aroundMailbox: fc.Arbitrary<Command[]> = fc
  .tuple(
    fc.constantFrom('1', '2'),
    fc.array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc
            .tuple(fc.constantFrom(mailbox, 'b@x'), fc.constantFrom('1', '2'))
            .map((pair) => see(...pair))
        },
        { weight: 4, arbitrary: fc.integer({ min: 1, max: 14 }).map(retract) },
        {
          weight: 1,
          arbitrary: fc
            .constantFrom('IdentifierUnblocked' as const, 'IdentifierBlocked' as const)
            .map((type) => on(type, mailbox))
        },
        {
          weight: 1,
          arbitrary: fc.option(fc.integer({ min: 1, max: 3 })).map((most) => limit('phone', most))
        }
      ),
      { maxLength: 14, size: 'max' }
    )
  )
  .map(([phone, more]) => [see(mailbox, phone), on('IdentifierBlocked', mailbox), ...more])

/** The events of a real history with decisions among them. */
export const decidedHistory: fc.Arbitrary<Recorded[]> = fc
  .tuple(commands, clocks)
  .map(([commands, clock]) => afterTelling(commands, ({ history }) => history, clock))

/** A history with decisions, and the same again: shuffled, some of it twice, cut into batches. */
export const decidedRetold: fc.Arbitrary<[Recorded[], Recorded[][]]> = decidedHistory.chain(
  (told) =>
    fc
      .subarray(told)
      .chain((twice) => shuffled([...told, ...twice]))
      .chain((again) => fc.tuple(fc.constant(told), batches(again)))
)
