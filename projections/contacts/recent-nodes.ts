import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../../src/domain/event.ts'
import type { Node } from './forest.ts'

/** How many identifiers are remembered with their nodes, at most. */
const usualPlaces = 2 ** 19

/** Where identifiers stand, with what was lately asked or told in memory. */
export type RecentNodes = {
  /** The node of an identifier that is on record. */
  of(number: IdentifierNumber): Node
  remember(number: IdentifierNumber, node: Node): void
  forget(number: IdentifierNumber): void
  forgetAll(): void
}

/**
 * All numbers that are a multiple of `places` apart share a place, and who came last has it. A map of
 * that size would hold up everybody, for 10 ms and more, whenever it grows.
 */
export function recentNodes(db: Database.Database, places = usualPlaces): RecentNodes {
  const read = db.prepare<[number], Node>('SELECT node FROM identifiers WHERE number = ?').pluck()
  /** Who has each place, 0 for nobody, and at which node. */
  const numbers = new Float64Array(places)
  const nodes = new Float64Array(places)

  const remember = (number: IdentifierNumber, node: Node) => {
    numbers[number % places] = number
    nodes[number % places] = node
  }

  return {
    of(number) {
      if (numbers[number % places] === number) return nodes[number % places] as Node
      const node = read.get(number) as Node
      remember(number, node)
      return node
    },
    remember,
    forget(number) {
      if (numbers[number % places] === number) numbers[number % places] = 0
    },
    forgetAll: () => void numbers.fill(0)
  }
}
