import { asOfPosition } from '../src/as-of.ts'
import type { Carriers } from '../src/carriers.ts'
import { readConfig } from '../src/config.ts'
import { DecisionBody, readDecision } from '../src/decision-body.ts'
import type { Identity } from '../src/domain/answer.ts'
import { LedgerError } from '../src/domain/errors.ts'
import type { ContactId, Origin, Position } from '../src/domain/event.ts'
import { checkByType } from '../src/http/validate.ts'
import type { IdentityGraph } from '../src/identity-graph.ts'
import type { Ledger as Inner, Status } from '../src/ledger.ts'
import { type Given, normaliseValues, parseEnd, readIdentifier } from '../src/observation.ts'
import { canonicalPhone } from '../src/phone-region.ts'
import { type PublishedDecision, publishDecision } from '../src/published-decision.ts'
import {
  type EventPage,
  type PublishedEvent,
  publish,
  publishPage
} from '../src/published-event.ts'
import { type PublishedWhy, publishWhy } from '../src/published-why.ts'
import type { Stats } from '../src/stats.ts'
import type { ContactWithIdentity } from '../src/views.ts'
import {
  type AsOf,
  checkOptions,
  idIn,
  momentIn,
  type Observing,
  originIn,
  type Page,
  pageOf,
  timeOf
} from './library-options.ts'
import { openHere } from './open-here.ts'

export type {
  AsOf,
  Carriers,
  ContactWithIdentity,
  DecisionBody,
  EventPage,
  Identity,
  IdentityGraph,
  Observing,
  Page,
  PublishedDecision,
  PublishedEvent,
  PublishedWhy,
  Stats
}
export { LedgerError }

/** Where a ledger lives and how it reads phone numbers. */
export type LedgerSettings = {
  /** The folder of the ledger; it is made where there is none. */
  readonly dir: string
  /** A two-letter region, such as US, in which numbers without a country code are read. */
  readonly phoneRegion?: string
  /** A write failed, and the ledger takes nothing more: open it again to go on from what is on disk. */
  readonly onFailure?: (error: unknown) => void
}

/** A ledger in this process. It answers what the service answers, and throws `LedgerError`. */
export type Ledger = {
  /** Records an email, a phone or both; resolves with the identity once that is on disk. */
  identify(given: Given, observing?: Observing): Promise<Identity>
  decide(decision: DecisionBody, as?: Origin & { dryRun?: boolean }): Promise<PublishedDecision>
  /** Null when there is no such contact. */
  contact(id: ContactId, at?: AsOf): Promise<ContactWithIdentity | null>
  /** Records nothing; null when nobody carries these values. */
  identityOf(given: Given, at?: AsOf): Promise<Identity | null>
  /** Ends are `contact:11`, `email:a@b.c` or `phone:123`. */
  why(from: string, to: string, at?: AsOf): Promise<PublishedWhy>
  history(id: ContactId, page?: Page): Promise<EventPage>
  graph(id: ContactId, at?: AsOf): Promise<IdentityGraph>
  /** An identifier by itself, `email:a@b.c` or `phone:123`; null when it was never seen. */
  identifier(of: string): Promise<Carriers | null>
  events(page?: Page): Promise<EventPage>
  /** Every event after a position, and then each as it comes to be on disk, until `signal`. */
  follow(from?: { after?: Position | 0; signal?: AbortSignal }): AsyncIterable<PublishedEvent>
  stats(): Promise<Stats>
  status(): Promise<Status>
  /** Finishes what is under way and lets go of the ledger's files. */
  close(): Promise<void>
}

const decisionProblems = checkByType(DecisionBody)

/**
 * Opens a ledger in this process, without HTTP: the same files, and the same answers. One process
 * has a ledger open at a time. Throws `cannot_open`, `corrupt_log`, `invalid`.
 */
export async function openLedger(settings: LedgerSettings): Promise<Ledger> {
  const { dir, phoneRegion, onFailure = () => {} } = settings
  const config = readConfig({ LEDGER_DIR: dir, PHONE_REGION: phoneRegion })
  const canonical = canonicalPhone(config.phoneRegion)
  const { ledger: inner, close } = await openHere(config, {
    create: true,
    opening: { mapped: true },
    now: Date.now,
    onFailure
  })
  let closing: Promise<void> | null = null

  return {
    async identify(given, options = {}) {
      checkOptions(options)
      const { idempotencyKey, source, observedAt, dryRun } = options
      const asked = {
        source: source ?? 'library',
        idempotencyKey: idempotencyKey ?? null,
        observedAt: observedAt === undefined ? null : timeOf(observedAt),
        origin: originIn(options),
        ...normaliseValues(given, canonical)
      }
      return dryRun ? inner.supposeObserved(asked) : inner.observe(asked)
    },

    async decide(decision, options = {}) {
      checkOptions(options)
      const problems = decisionProblems(decision)
      if (problems.length > 0) {
        throw new LedgerError('invalid', 'The decision is not acceptable.', problems)
      }
      const asked = { origin: originIn(options), ...readDecision(decision, canonical) }
      return publishDecision(
        await (options.dryRun ? inner.supposeDecided(asked) : inner.decide(asked))
      )
    },

    contact: async (id, at) => askAsOf(inner, at, (position) => inner.contact(idIn(id), position)),
    async identityOf(given, at) {
      const values = normaliseValues(given, canonical)
      return askAsOf(inner, at, (position) => inner.identityOf(values, position))
    },
    async why(from, to, at) {
      const ends = [parseEnd(from, '/from', canonical), parseEnd(to, '/to', canonical)] as const
      return publishWhy(await askAsOf(inner, at, (position) => inner.why(...ends, position)))
    },
    async history(id, page) {
      const { after, limit } = pageOf(page)
      return publishPage(await inner.history(idIn(id), after, limit + 1), limit)
    },
    graph: async (id, at) => askAsOf(inner, at, (position) => inner.graph(idIn(id), position)),
    identifier: async (of) => inner.carriers(readIdentifier(of, canonical)),
    async events(page) {
      const { after, limit } = pageOf(page)
      return publishPage(await inner.events(after, limit + 1), limit)
    },
    async *follow(from = {}) {
      const { after } = pageOf(from)
      const { signal = new AbortController().signal } = from
      for await (const page of inner.follow(after, signal)) yield* page.map(publish)
    },
    stats: () => inner.stats(),
    status: () => inner.status(),
    close: () => {
      closing ??= close()
      return closing
    }
  }
}

/** Asks of the ledger as of then. What is asked of the present is asked at once, and so before a close. */
async function askAsOf<T>(
  inner: Inner,
  at: AsOf | undefined,
  ask: (position?: Position | 0) => Promise<T>
): Promise<T> {
  const moment = momentIn(at)
  return moment === undefined ? ask() : ask(await asOfPosition(inner, moment, '/asOf'))
}
