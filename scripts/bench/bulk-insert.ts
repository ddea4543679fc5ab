import { mkdirSync } from 'node:fs'
import Database from 'better-sqlite3'
import { sync } from '../../projections/sync.ts'
import { filesOf } from '../wiring.ts'

/**
 * The yardstick of `replay` and `import`: what is known to be the result is inserted, row by row and
 * at once, into the same tables with the same indexes.
 *
 * `replay FROM TO` reads and parses the events of a ledger, and inserts the rows of its read model;
 * `import FROM TO` inserts those of its log, too.
 */
const [job, from = '', to = ''] = process.argv.slice(2)
const [source, target] = [filesOf({ ledgerDir: from }), filesOf({ ledgerDir: to })]
mkdirSync(to, { recursive: true })
if (job === 'import') copy(source.log, target.log)
else readAndParse(source.log)
copy(source.readModel, target.readModel)

function readAndParse(path: string) {
  const db = new Database(path, { readonly: true })
  let events = 0
  for (const [data] of db.prepare<[], [string]>('SELECT data FROM events').raw().iterate()) {
    if (typeof JSON.parse(data) === 'object') events++
  }
  db.close()
  console.log(`${events} events`)
}

/** The tables first, then their rows, in the order of their keys, then the indexes. */
function copy(from: string, to: string) {
  const known = new Database(from, { readonly: true })
  const fresh = new Database(to)
  fresh.pragma('journal_mode = MEMORY')
  fresh.pragma('synchronous = OFF')
  fresh.pragma('cache_size = -262144')
  const parts = (type: string) =>
    known
      .prepare<[string], { name: string; sql: string }>(
        'SELECT name, sql FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL'
      )
      .all(type)
  fresh.transaction(() => {
    for (const { name, sql } of parts('table')) {
      fresh.exec(sql)
      const rows = known.prepare<[], unknown[]>(`SELECT * FROM ${name}`).raw()
      const marks = rows.columns().map(() => '?')
      const insert = fresh.prepare(`INSERT INTO ${name} VALUES (${marks.join(', ')})`)
      for (const row of rows.iterate()) insert.run(row)
    }
    for (const { sql } of ['index', 'trigger', 'view'].flatMap(parts)) fresh.exec(sql)
  })()
  fresh.close()
  known.close()
  sync(to)
}
