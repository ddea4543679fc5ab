import type Database from 'better-sqlite3'
import { conclude } from '../src/domain/conclude.ts'
import { LedgerError } from '../src/domain/errors.ts'
import { evolve, noFacts } from '../src/domain/facts.ts'
import { factInvariants, shownInvariants, violations } from '../src/domain/invariants.ts'
import { type EventLog, pages } from '../src/log/event-log.ts'
import { isContradiction } from './database.ts'
import { digestOf } from './digest.ts'
import { createForFilling, digestSoFar } from './filling.ts'
import { projector } from './projector.ts'
import type { Watch } from './rebuild.ts'
import { conclusionsIn, trySnapshot } from './rows.ts'

/** What a verification found. */
export type Verdict = {
  readonly ok: boolean
  readonly events: number
  /** Of a read model that was built anew, at the head of the log; null when the log can't be read. */
  readonly digest: string | null
  readonly problems: readonly string[]
}

/**
 * Checks a ledger from the facts up: the log has no gaps and every event parses; no value has two
 * numbers; every outcome on record follows, and none is missing; the live read model is what a
 * rebuild gives; and both show what the definitions conclude from the facts, in code that they share
 * nothing with. Writes nothing, needs no lock.
 */
export async function verify(
  log: EventLog,
  path: string,
  watch: Pick<Watch, 'progress'> = {}
): Promise<Verdict> {
  const { shown, unusable } = trySnapshot(path, log.id, conclusionsAndDigest)
  const problems = unusable === null ? [] : [`the read model can't be used: ${unusable}`]
  const position = shown?.position ?? 0
  const head = await log.head()
  const db = createForFilling('', log.id)
  const [models, facts, vault] = [projector(db), noFacts(), new Vault()]
  const take = async (after: number, upTo: number) => {
    for await (const page of pages(log, after, upTo)) {
      models.hearAll(page)
      for (const recorded of page) {
        evolve(facts, recorded)
        for (const { number, value } of recorded.identifiers) vault.hear(number, value)
      }
      watch.progress?.(page.at(-1)?.position ?? after, head)
    }
  }

  try {
    if (position > head) problems.push('the read model is ahead of the log')
    await take(0, Math.min(position, head))
    let digest: string | null = null
    if (shown !== null) {
      digest = digestSoFar(db)
      const { conclusions, digest: live } = shown.answer
      problems.push(...violations(conclusions, facts, conclude(facts), shownInvariants))
      if (live !== digest) problems.push('the read model differs from what follows from the log')
    }
    if (digest === null || position < head) {
      await take(position, head)
      digest = digestSoFar(db)
      problems.push(...violations(conclusionsIn(db), facts, conclude(facts), shownInvariants))
    }
    problems.push(...violations({ contacts: [], links: [] }, facts, undefined, factInvariants))
    problems.push(...models.contacts.discrepancies().map((one) => `${recordedOnce}: ${one}`))
    problems.push(...vault.problems)
    return { ok: problems.length === 0, events: head, digest, problems }
  } catch (error) {
    const refusal = contradiction(error)
    return { ok: false, events: head, digest: null, problems: [...problems, refusal.message] }
  } finally {
    db.close()
  }
}

const recordedOnce =
  'every merge and split is recorded exactly once with its cause, and nothing else is'

/** What the log itself is to blame for; throws anything else on. */
function contradiction(error: unknown): Error {
  if (error instanceof LedgerError) return error
  if (isContradiction(error)) return new LedgerError('corrupt_log', 'The log contradicts itself.')
  throw error
}

/** The values that a log names, by number. */
class Vault {
  readonly problems: string[] = []
  readonly #numbers = new Map<string, number>()

  hear(number: number, value: string) {
    const other = this.#numbers.get(value)
    if (other !== undefined && other !== number) {
      this.problems.push(`one value has one number: ${other} and ${number} stand for the same`)
    }
    this.#numbers.set(value, number)
  }
}

function conclusionsAndDigest(db: Database.Database) {
  return { conclusions: conclusionsIn(db), digest: digestOf(db) }
}
