import Database from 'better-sqlite3'

/**
 * Prepares a query whose rows come as one JSON array: to bring many from SQLite value by value takes
 * several times as long as to find them there. `row` makes the JSON of one row, `from` is the rest of
 * the statement. Nothing says in which order the rows come.
 */
export function jsonRows<Asked extends unknown[], Row>(
  db: Database.Database,
  row: string,
  from: string
): (...asked: Asked) => Row[] {
  const all = db.prepare<Asked, string>(`SELECT json_group_array(${row}) ${from}`).pluck()
  return (...asked) => {
    try {
      return JSON.parse(all.get(...asked) ?? '[]')
    } catch (error) {
      if (!isTooLong(error)) throw error
      const each = db.prepare<Asked, string>(`SELECT ${row} ${from}`).pluck()
      return each.all(...asked).map((one) => JSON.parse(one))
    }
  }
}

/** Whether a text has more characters than one can have, some 500 million. */
function isTooLong(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_TOOBIG'
}

/** How many rows a text has at most that is made here. */
const perText = 4_000

/** Rows to be written by a statement each for thousands of them: JSON arrays, for `json_each`. */
export function jsonTexts(rows: readonly unknown[]): string[] {
  return textsToCome(rows.values(), rows.length).map((text) => text())
}

/** The same of so many rows, but that each text is made once it is asked for. Ask in their order. */
export function textsToCome(rows: Iterator<unknown, void>, count: number): (() => string)[] {
  const text = () => {
    const some: unknown[] = []
    for (let next = rows.next(); !next.done; next = rows.next()) {
      some.push(next.value)
      if (some.length === perText) break
    }
    return JSON.stringify(some)
  }
  return Array.from({ length: Math.ceil(count / perText) }, () => text)
}
