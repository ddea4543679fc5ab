import type Database from 'better-sqlite3'
import type { ContactsSplit, Outcome, Recorded } from '../../src/domain/event.ts'
import { jsonTexts } from '../json-rows.ts'

/** Those who were parted from an identity, as `[contact, primary]`. */
type Parted = Pick<ContactsSplit, 'cause' | 'identity'> &
  Pick<Recorded, 'position' | 'recordedAt'> & { readonly rows: string }

const statements = (db: Database.Database) => ({
  absorb: db.prepare<[number, number, number, number, number], void>(/* sql */ `
    INSERT INTO merges (cause, absorbed, survivor, position, recorded_at)
    VALUES (?, ?, ?, ?, ?)`),
  part: db.prepare<[Parted], void>(/* sql */ `
    INSERT INTO splits (cause, contact, identity, primary_id, position, recorded_at)
    SELECT :cause, value ->> 0, :identity, value ->> 1, :position, :recordedAt
    FROM json_each(:rows)`)
})

/** The outcomes on record, held against those that follow. */
export type Outcomes = {
  /** Takes the outcomes that must stand in the log right after the event that is heard. */
  expect(outcomes: readonly Outcome[]): void
  record(recorded: Recorded<Outcome>): void
  /** Where the log says otherwise than what follows from it, in words. */
  discrepancies(): readonly string[]
}

/** How many discrepancies are told: one is enough to mistrust a log. */
const mostTold = 100

export function outcomes(db: Database.Database): Outcomes {
  const sql = statements(db)
  const found: string[] = []
  let expected: readonly Outcome[] = []

  const tell = (what: string) => {
    if (found.length < mostTold) found.push(what)
  }
  const missing = () => {
    for (const outcome of expected) tell(`${told(outcome)} is not on record`)
    expected = []
  }

  return {
    expect(outcomes) {
      if (expected.length > 0) missing()
      expected = outcomes
    },

    record({ position, recordedAt, event }) {
      const [next, ...later] = expected
      if (!same(next, event)) {
        tell(`position ${position}: ${told(event)} does not follow`)
      } else expected = later
      if (event.type === 'ContactsMerged') {
        for (const absorbed of event.absorbed) {
          sql.absorb.run(event.cause, absorbed, event.survivor, position, recordedAt)
        }
        return
      }
      const { cause, identity, parted } = event
      const contacts = parted.flatMap(({ primary, contacts }) =>
        contacts.map((contact) => [contact, primary])
      )
      for (const rows of jsonTexts(contacts)) {
        sql.part.run({ cause, identity, position, recordedAt, rows })
      }
    },

    discrepancies() {
      missing()
      return found
    }
  }
}

function same(a: Outcome | undefined, b: Outcome): boolean {
  if (a?.type !== b.type || a.cause !== b.cause) return false
  if (a.type === 'ContactsMerged' && b.type === 'ContactsMerged') {
    return a.survivor === b.survivor && String(a.absorbed) === String(b.absorbed)
  }
  return told(a) === told(b) && partsOf(a) === partsOf(b)
}

function partsOf(outcome: Outcome): string {
  return outcome.type === 'ContactsSplit' ? JSON.stringify(outcome.parted) : ''
}

function told(outcome: Outcome): string {
  switch (outcome.type) {
    case 'ContactsMerged':
      return `the merge of ${outcome.absorbed.join(', ')} into ${outcome.survivor} by ${outcome.cause}`
    case 'ContactsSplit': {
      const parts = outcome.parted.map(({ primary }) => primary)
      return `the split of ${parts.join(', ')} from ${outcome.identity} by ${outcome.cause}`
    }
  }
}
