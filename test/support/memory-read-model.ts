import Database from 'better-sqlite3'
import { create } from '../../projections/database.ts'

type Statement = Database.Statement<unknown[]>

/** Read models in memory that nobody uses any more, by what each is lent again. */
const idle: (() => Database.Database)[] = []

/**
 * An empty read model in memory: cheap enough for thousands of them, since one that was closed is
 * emptied and used again. To make its tables and compile its statements takes longer than most tests
 * have it do. Close it when nobody asks any more: what was prepared would ask whoever has it next.
 */
export function memoryReadModel(): Database.Database {
  return (idle.pop() ?? lendable())()
}

function lendable() {
  const db = new Database(':memory:')
  create(db, 'test')
  const schemaNow = db.prepare('SELECT group_concat(sql) FROM sqlite_schema').pluck()
  const schema = schemaNow.get()
  const empty = emptying(db)
  /** What was compiled of each text, and how many of these who has it now took. */
  const compiled = new Map<string, { readonly statements: Statement[]; taken: number }>()

  /** Who asks twice for a text gets two statements, as of any database. */
  const prepare = (text: string): Statement => {
    const known = compiled.get(text) ?? { statements: [], taken: 0 }
    compiled.set(text, known)
    const statement = known.statements[known.taken++]
    if (statement !== undefined) return asNew(statement)
    const fresh = db.prepare(text)
    known.statements.push(fresh)
    return fresh
  }

  return function lend(): Database.Database {
    let lent = true
    const close = () => {
      if (!lent) return db
      lent = false
      if (db.inTransaction) db.exec('ROLLBACK')
      if (schemaNow.get() !== schema) return db.close()
      empty()
      for (const known of compiled.values()) known.taken = 0
      idle.push(lend)
      return db
    }
    const whileLent =
      <A extends unknown[], R>(use: (...args: A) => R) =>
      (...args: A): R => {
        if (lent) return use(...args)
        throw new TypeError('The database connection is not open')
      }
    return Object.create(db, {
      open: { get: () => lent },
      prepare: { value: whileLent(prepare) },
      exec: { value: whileLent(db.exec.bind(db)) },
      transaction: { value: whileLent(db.transaction.bind(db)) },
      close: { value: close }
    })
  }
}

/** A statement that returns rows as if nobody had asked for them otherwise. */
function asNew(statement: Statement): Statement {
  return statement.reader ? statement.pluck(false).raw(false).expand(false) : statement
}

/** Brings the rows of a database back to those it has now. */
function emptying(db: Database.Database): () => void {
  const names = db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    .pluck()
    .all()
  const tables = names.map((name) => {
    const rows = db.prepare<[], unknown[]>(`SELECT * FROM ${name}`).raw().all()
    const places = rows[0]?.map(() => '?').join()
    return {
      clear: db.prepare(`DELETE FROM ${name}`),
      rows,
      insert:
        places === undefined ? undefined : db.prepare(`INSERT INTO ${name} VALUES (${places})`)
    }
  })
  return db.transaction(() => {
    for (const { clear, rows, insert } of tables) {
      clear.run()
      for (const row of rows) insert?.run(row)
    }
  })
}
