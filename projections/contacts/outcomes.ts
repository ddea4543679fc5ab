import type Database from 'better-sqlite3'
import type {
  ContactId,
  ContactsMerged,
  ContactsSplit,
  Outcome,
  Recorded
} from '../../src/domain/event.ts'
import { textsToCome } from '../json-rows.ts'

type Part = ContactsSplit['parted'][number]

/** A JSON array of rows, and where the outcome stands that they are of. */
type Rows = Pick<Recorded, 'position' | 'recordedAt'> & { readonly rows: string }

/** Contacts that were absorbed together. */
type Absorbed = Rows & Pick<ContactsMerged, 'cause' | 'survivor'>

/** Those who were parted from an identity, as `[contact, primary]`. */
type Parted = Rows & Pick<ContactsSplit, 'cause' | 'identity'>

const statements = (db: Database.Database) => ({
  absorb: db.prepare<[number, number, number, number, number], void>(/* sql */ `
    INSERT INTO merges (cause, absorbed, survivor, position, recorded_at)
    VALUES (?, ?, ?, ?, ?)`),
  absorbAll: db.prepare<[Absorbed], void>(/* sql */ `
    INSERT INTO merges (cause, absorbed, survivor, position, recorded_at)
    SELECT :cause, value, :survivor, :position, :recordedAt
    FROM json_each(:rows)`),
  part: db.prepare<[Parted], void>(/* sql */ `
    INSERT INTO splits (cause, contact, identity, primary_id, position, recorded_at)
    SELECT :cause, value ->> 0, :identity, value ->> 1, :position, :recordedAt
    FROM json_each(:rows)`)
})

/** The outcomes on record, held against those that follow. */
export type Outcomes = {
  /** Takes the outcomes that must stand in the log right after the event that is heard. */
  expect(outcomes: readonly Outcome[]): void
  /** Takes an outcome; its rows are written by `write`, thousands at a time. */
  record(recorded: Recorded<Outcome>, write: (rows: () => void) => void): void
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

    record({ position, recordedAt, event }, write) {
      const [next, ...later] = expected
      if (!same(next, event)) {
        tell(`position ${position}: ${told(event)} does not follow`)
      } else expected = later
      const { cause } = event
      if (event.type === 'ContactsMerged') {
        const { survivor, absorbed } = event
        const [only, another] = absorbed
        // As nearly always, and then without JSON.
        if (only !== undefined && another === undefined) {
          return write(() => void sql.absorb.run(cause, only, survivor, position, recordedAt))
        }
        const merge = { cause, survivor, position, recordedAt }
        for (const text of textsToCome(absorbed.values(), absorbed.length)) {
          write(() => void sql.absorbAll.run({ ...merge, rows: text() }))
        }
        return
      }
      const { identity, parted } = event
      const split = { cause, identity, position, recordedAt }
      const count = parted.reduce((sum, { contacts }) => sum + contacts.length, 0)
      for (const text of textsToCome(rowsOf(parted), count)) {
        write(() => void sql.part.run({ ...split, rows: text() }))
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
    return a.survivor === b.survivor && sameContacts(a.absorbed, b.absorbed)
  }
  if (a.type !== 'ContactsSplit' || b.type !== 'ContactsSplit') return false
  return a.identity === b.identity && sameParts(a.parted, b.parted)
}

function* rowsOf(parted: readonly Part[]) {
  for (const { primary, contacts } of parted) {
    for (const contact of contacts) yield [contact, primary] as const
  }
}

/** One by one: of 100,000 parts to compare texts takes ten times as long. */
function sameParts(a: ContactsSplit['parted'], b: ContactsSplit['parted']): boolean {
  const samePart = (one: Part, other: Part | undefined) =>
    one.primary === other?.primary && sameContacts(one.contacts, other.contacts)
  return a === b || (a.length === b.length && a.every((one, nth) => samePart(one, b[nth])))
}

function sameContacts(a: readonly ContactId[], b: readonly ContactId[]): boolean {
  return a === b || (a.length === b.length && a.every((one, nth) => one === b[nth]))
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
