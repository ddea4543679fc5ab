import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../../src/domain/event.ts'

/** With how many others live observations show an identifier of the table `identifiers`, in SQL. */
export const sharingOf = /* sql */ `
  coalesce(
    (SELECT others FROM sharing WHERE identifier = identifiers.number),
    identifiers.paired)`

const statements = (db: Database.Database) => ({
  count: db.prepare<[number, number], void>(/* sql */ `
    UPDATE sharing
    SET others = others + ?
    WHERE identifier = ?`),
  begin: db.prepare<[number], void>(/* sql */ `
    INSERT INTO sharing (identifier, kind, others)
    SELECT number, kind, 2
    FROM identifiers
    WHERE number = ? AND paired = 1`),
  end: db.prepare<[number], void>(/* sql */ `
    DELETE FROM sharing
    WHERE identifier = ? AND others = 2`),
  pair: db.prepare<[number, number], void>(/* sql */ `
    UPDATE identifiers
    SET paired = ?
    WHERE number = ?`)
})

/**
 * Counts with how many others live observations show identifiers. A row begins with the second of them
 * and ends with it; before that `paired` tells.
 */
export type Sharing = {
  oneMore(identifier: IdentifierNumber): void
  oneLess(identifier: IdentifierNumber): void
}

export function sharing(db: Database.Database): Sharing {
  const sql = statements(db)
  return {
    oneMore(identifier) {
      if (sql.count.run(1, identifier).changes === 1) return
      if (sql.begin.run(identifier).changes === 0) sql.pair.run(1, identifier)
    },
    oneLess(identifier) {
      if (sql.end.run(identifier).changes === 1) return
      if (sql.count.run(-1, identifier).changes === 0) sql.pair.run(0, identifier)
    }
  }
}
