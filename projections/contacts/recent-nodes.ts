import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../../src/domain/event.ts'
import type { Node } from './forest.ts'

/** How many identifiers are remembered with their nodes. */
const limit = 500_000

/** Where identifiers stand, with what was lately asked or told in memory. */
export type RecentNodes = {
  /** The node of an identifier that is on record. */
  of(number: IdentifierNumber): Node
  remember(number: IdentifierNumber, node: Node): void
  forget(number: IdentifierNumber): void
  forgetAll(): void
}

export function recentNodes(db: Database.Database): RecentNodes {
  const read = db.prepare<[number], Node>('SELECT node FROM identifiers WHERE number = ?').pluck()
  const recent = new Map<IdentifierNumber, Node>()

  const remember = (number: IdentifierNumber, node: Node) => {
    if (recent.size >= limit) recent.clear()
    recent.set(number, node)
  }

  return {
    of(number) {
      const remembered = recent.get(number)
      if (remembered !== undefined) return remembered
      const node = read.get(number) as Node
      remember(number, node)
      return node
    },
    remember,
    forget: (number) => void recent.delete(number),
    forgetAll: () => recent.clear()
  }
}
