import type Database from 'better-sqlite3'

type Aside = { readonly indexes: readonly string[]; readonly counts: string }

/** What is not made yet of databases that are being filled, in SQL. */
const aside = new WeakMap<Database.Database, Aside>()

/**
 * Sets the indexes of an empty database aside while it is filled, since sorting rows that are there is
 * quicker than finding the place of each as it comes; and with them `counts`, which counts rows.
 */
export function setAside(db: Database.Database, counts: string) {
  const indexes = db
    .prepare<[], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`
    )
    .all()
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`)
  aside.set(db, { indexes: indexes.map(({ sql }) => sql), counts })
}

/** Whether any of that is still set aside. */
export function isBeingFilled(db: Database.Database): boolean {
  return aside.has(db)
}

/** Makes what was set aside. Rows that contradict one another throw here. */
export function makeIndexes(db: Database.Database) {
  for (const sql of aside.get(db)?.indexes ?? []) db.exec(sql)
  countSetAside(db)
  aside.delete(db)
}

/** Counts what there is to be counted of a database that goes on being filled. */
export function countSetAside(db: Database.Database) {
  const counts = aside.get(db)?.counts
  if (counts !== undefined) db.exec(counts)
}
