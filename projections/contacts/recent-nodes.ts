import type Database from 'better-sqlite3'
import type { IdentifierNumber } from '../../src/domain/event.ts'
import type { Node } from './forest.ts'

/** For how many identifiers there is room at first, and at most. */
const usualRoom = { first: 2 ** 10, most: 2 ** 19 }

/** Where identifiers stand, with what was lately asked or told in memory. */
export type RecentNodes = {
  /** The node of an identifier that is on record. */
  of(number: IdentifierNumber): Node
  remember(number: IdentifierNumber, node: Node): void
  forget(number: IdentifierNumber): void
  forgetAll(): void
}

/**
 * All numbers that are a multiple of `places` apart share a place, and who came last has it. A map that
 * large would hold up everybody, for 10 ms and more, whenever it grows.
 */
export function recentNodes(db: Database.Database, { first, most } = usualRoom): RecentNodes {
  const read = db.prepare<[number], Node>('SELECT node FROM identifiers WHERE number = ?').pluck()
  let places = first
  /** Who has each place, 0 for nobody, and at which node. */
  let numbers = new Float64Array(places)
  let nodes = new Float64Array(places)

  /** As long as there is room for all, each stands in the place of its number, so more room is a copy. */
  const makeRoomFor = (number: IdentifierNumber) => {
    while (places <= number && places < most) places = Math.min(2 * places, most)
    numbers = enlarged(numbers, places)
    nodes = enlarged(nodes, places)
  }

  const remember = (number: IdentifierNumber, node: Node) => {
    if (places <= number && places < most) makeRoomFor(number)
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

function enlarged(array: Float64Array, length: number) {
  const larger = new Float64Array(length)
  larger.set(array)
  return larger
}
