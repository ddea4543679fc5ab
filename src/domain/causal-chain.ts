import { trail } from './chain.ts'
import type { IdentifierNumber } from './event.ts'
import type { Way, WaysFrom } from './explain.ts'

type Step = Way & { readonly from: number }

/**
 * The chain along which two identifiers were first joined, both ends included; null when there is
 * none. Its latest link is as early as that of any chain, and so is that of each of its parts: it
 * is the path in the minimum spanning forest by `since`. Grows that forest's tree from one end until
 * it holds the other (Jarník 1930, Prim 1957): O(links · log links) at worst. Of links that came about
 * at once, as an unblock brings many back, the way that is told first is taken.
 */
export function earliestChain(
  waysFrom: WaysFrom,
  from: IdentifierNumber,
  to: IdentifierNumber
): IdentifierNumber[] | null {
  const cameFrom = new Map<IdentifierNumber, number>()
  const ahead: Step[] = [{ from: 0, to: from, since: 0 }]
  for (let step = takeEarliest(ahead); step !== undefined; step = takeEarliest(ahead)) {
    const at = step.to
    if (cameFrom.has(at)) continue
    cameFrom.set(at, step.from)
    if (at === to) return trail(cameFrom, to).reverse()
    for (const way of waysFrom(at)) add(ahead, { from: at, to: way.to, since: way.since })
  }
  return null
}

/** Adds to a binary heap, in which no step is earlier than the one above it. */
function add(heap: Step[], step: Step) {
  let place = heap.length
  while (place > 0) {
    const above = (place - 1) >> 1
    const parent = heap[above] as Step
    if (parent.since <= step.since) break
    heap[place] = parent
    place = above
  }
  heap[place] = step
}

/** Takes the earliest step from a heap. */
function takeEarliest(heap: Step[]): Step | undefined {
  const earliest = heap[0]
  const last = heap.pop()
  if (last === undefined || last === earliest) return earliest
  let place = 0
  for (let below = 1; below < heap.length; below = 2 * place + 1) {
    if (sinceAt(heap, below + 1) < sinceAt(heap, below)) below++
    if (sinceAt(heap, below) >= last.since) break
    heap[place] = heap[below] as Step
    place = below
  }
  heap[place] = last
  return earliest
}

function sinceAt(heap: readonly Step[], place: number): number {
  return heap[place]?.since ?? Infinity
}
