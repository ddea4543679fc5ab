import type Database from 'better-sqlite3'
import { answerOf, type Identity } from '../src/domain/answer.ts'
import type { ContactId } from '../src/domain/event.ts'
import type { ContactRow } from '../src/views.ts'
import { forest, hasRow, type Node } from './contacts/forest.ts'
import { members } from './contacts/members.ts'
import { openForReading, reading } from './database.ts'

/** How many contacts are told at once, if no single identity has more. */
const pageSize = 1_000

const statements = (db: Database.Database) => ({
  position: db.prepare<[], number>('SELECT position FROM checkpoint').pluck(),
  lastContact: db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM minted').pluck(),
  contacts: db.prepare<[], ContactRow>(/* sql */ `
    SELECT *
    FROM contacts
    ORDER BY id`),
  primaries: db
    .prepare<[], [id: ContactId, node: Node]>(/* sql */ `
      SELECT id, node
      FROM rooted
      WHERE primary_id = id
      ORDER BY id`)
    .raw()
})

/** All that a read model shows at one position, a page at a time: memory holds one page of it. */
export type Export = {
  readonly position: number
  readonly lastContact: ContactId | 0
  /** Every contact, withdrawn ones too, by id. */
  contacts(): Generator<readonly ContactRow[]>
  /** Every identity, by primary. */
  identities(): Generator<readonly Identity[]>
}

/**
 * Opens what a read model shows now to `use`, for as long as that takes. A server may go on writing
 * it, and what it writes stays in its WAL for so long.
 * Throws `Unusable` when it is missing, damaged, or of another version or log.
 */
export async function exportFrom<T>(
  path: string,
  ledger: string,
  use: (shown: Export) => Promise<T>
): Promise<T> {
  const db = openForReading(path, ledger)
  try {
    db.exec('BEGIN')
    return await use(reading(() => exportOf(db)))
  } finally {
    db.close()
  }
}

/** All that a read model shows. Its pages are of one moment in one transaction only. */
export function exportOf(db: Database.Database): Export {
  const sql = statements(db)
  const trees = forest(db)
  const identities = members(db)

  const identityAt = (node: Node): Identity => {
    const root = trees.rootOf(node)
    return answerOf(identities.of(new Map([[root.node, hasRow(root)]])).get(root.node) ?? [])
  }

  return {
    position: sql.position.get() ?? 0,
    lastContact: sql.lastContact.get() ?? 0,
    contacts: () =>
      pagesOf(
        sql.contacts,
        (row) => row,
        () => 1
      ),
    identities: () =>
      pagesOf(
        sql.primaries,
        ([, node]) => identityAt(node),
        ({ secondaryContactIds }) => 1 + secondaryContactIds.length
      )
  }
}

/** What the rows of a statement stand for, in pages of about the same weight. */
function* pagesOf<Row, T>(
  statement: Database.Statement<[], Row>,
  told: (row: Row) => T,
  weigh: (one: T) => number
): Generator<readonly T[]> {
  const rows = statement.iterate()
  try {
    let page: T[] = []
    let weight = 0
    for (let next = read(rows); !next.done; next = read(rows)) {
      const { value } = next
      const one = reading(() => told(value))
      page.push(one)
      weight += weigh(one)
      if (weight < pageSize) continue
      yield page
      page = []
      weight = 0
    }
    if (page.length > 0) yield page
  } finally {
    rows.return?.()
  }
}

function read<Row>(rows: Iterator<Row>): IteratorResult<Row> {
  return reading(() => rows.next())
}
