import { LedgerError } from '../src/domain/errors.ts'
import {
  type Conclusions,
  conclude,
  evolve,
  type Facts,
  noFacts,
  recordedMerges
} from '../src/domain/identity.ts'
import { shownInvariants, violations } from '../src/domain/invariants.ts'
import { type EventLog, pages } from '../src/log/event-log.ts'
import { Unusable } from './database.ts'
import { digest } from './digest.ts'
import type { Watch } from './rebuild.ts'
import { rowsOf, snapshot } from './rows.ts'

/** What a verification found. */
export type Verdict = {
  readonly ok: boolean
  readonly events: number
  /** Of what follows from the log at its head; null when the log can't be read to its end. */
  readonly digest: string | null
  readonly problems: readonly string[]
}

/**
 * Checks a ledger from the facts up: the log has no gaps and every event parses; no value has two
 * numbers; every invariant holds of what the live read model shows; and what it shows is what the
 * pure fold, which shares no code with it, concludes from the log. Writes nothing, needs no lock.
 */
export async function verify(
  log: EventLog,
  path: string,
  watch: Pick<Watch, 'progress'> = {}
): Promise<Verdict> {
  const live = shown(log, path)
  const problems = typeof live === 'string' ? [live] : []
  const position = typeof live === 'string' ? 0 : live.position
  const head = await log.head()
  const [facts, vault] = [noFacts(), new Vault()]
  const take = async (after: number, upTo: number) => {
    for await (const page of pages(log, after, upTo)) {
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
    let derived = conclude(facts)
    if (typeof live !== 'string') {
      const { rows, digest } = live.asked
      problems.push(...violations(rows, facts, derived, shownInvariants))
      if (digest !== digestOfFacts(derived, facts, vault)) {
        problems.push('the read model differs from what follows from the log')
      }
    }
    // A read model may stand between an event and its outcome; the log as a whole may not.
    if (position < head) {
      await take(position, head)
      derived = conclude(facts)
    }
    problems.push(...violations(derived, facts, derived))
    problems.push(...vault.problems)
    const digest = digestOfFacts(derived, facts, vault)
    return { ok: problems.length === 0, events: head, digest, problems }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return { ok: false, events: head, digest: null, problems: [...problems, error.message] }
  }
}

/** The values that a log names, by number. */
class Vault {
  readonly values: string[] = []
  readonly problems: string[] = []
  readonly #numbers = new Map<string, number>()

  hear(number: number, value: string) {
    if (this.values[number] !== undefined) return
    this.values[number] = value
    const other = this.#numbers.get(value)
    if (other !== undefined) {
      this.problems.push(`one value has one number: ${other} and ${number} stand for the same`)
    }
    this.#numbers.set(value, number)
  }
}

function digestOfFacts(derived: Conclusions, facts: Facts, vault: Vault): string {
  const rows = { ...derived, merges: recordedMerges(facts) }
  return digest(rows, (number) => vault.values[number] ?? null)
}

function shown(log: EventLog, path: string) {
  try {
    return snapshot(path, log.id, (db) => {
      const shown = rowsOf(db)
      const rows = {
        contacts: [...shown.contacts],
        links: [...shown.links],
        merges: [...shown.merges]
      }
      return { rows, digest: digest(rows, shown.valueOf) }
    })
  } catch (error) {
    if (error instanceof Unusable) return `the read model can't be used: ${error.message}`
    throw error
  }
}
