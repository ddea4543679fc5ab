import { trail } from './chain.ts'
import type { IdentifierNumber } from './event.ts'

/** The identifiers that are linked to an identifier, each once. Links go both ways. */
export type Neighbours = (identifier: IdentifierNumber) => readonly IdentifierNumber[]

/** How firmly two identifiers hang together. */
export type Strength = {
  /** The most chains between the two that share no identifier except those two. */
  readonly independentChains: number
  /** The identifiers without each of which the two would part, on the way from one to the other. */
  readonly weakPoints: IdentifierNumber[]
}

type Around = ReadonlyMap<IdentifierNumber, ReadonlySet<IdentifierNumber>>

/**
 * How firmly two different identifiers hang together: by no chain when they are of two identities;
 * null when the first one's identity has more than `mostVisited` identifiers. A direct link is a
 * chain too. By Menger's theorem (1927) there are as many independent chains as identifiers to
 * remove before two unlinked ones part, so there is a weak point only where there is one chain.
 * Asks for the neighbours of an identifier once; O(links · √identifiers) at worst.
 */
export function strengthBetween(
  neighbours: Neighbours,
  from: IdentifierNumber,
  to: IdentifierNumber,
  mostVisited: number
): Strength | null {
  const around = new Map<IdentifierNumber, ReadonlySet<IdentifierNumber>>()
  const cameFrom = new Map<IdentifierNumber, number>([[from, 0]])
  for (const [at] of cameFrom) {
    if (cameFrom.size > mostVisited) return null
    const linked = neighbours(at)
    if (linked.length > mostVisited) return null
    const nexts = new Set(linked)
    around.set(at, nexts)
    for (const next of nexts) if (!cameFrom.has(next)) cameFrom.set(next, at)
  }
  if (!cameFrom.has(to)) return { independentChains: 0, weakPoints: [] }
  return {
    independentChains: independentChains(around, from, to),
    weakPoints: weakPoints(around, trail(cameFrom, to).reverse())
  }
}

/**
 * The inner identifiers of a chain that nothing leads around. Walks the chain, and from each stop
 * all that hangs beside it: a stop is weak when nothing before it has led further than to it.
 */
function weakPoints(around: Around, chain: readonly IdentifierNumber[]): IdentifierNumber[] {
  const places = new Map(chain.map((stop, place) => [stop, place]))
  const beside = new Set<IdentifierNumber>()
  const weak: IdentifierNumber[] = []
  let furthest = 0
  for (const [place, stop] of chain.slice(0, -1).entries()) {
    if (place > 0 && place === furthest) weak.push(stop)
    const queue = [stop]
    for (const at of queue) {
      for (const next of around.get(at) as ReadonlySet<IdentifierNumber>) {
        const reached = places.get(next)
        if (reached !== undefined) furthest = Math.max(furthest, reached)
        else if (!beside.has(next)) {
          beside.add(next)
          queue.push(next)
        }
      }
    }
  }
  return weak
}

/** Where chains enter or leave an identifier; `tried` is how many of its arcs were, this round. */
type Gate = { readonly arcs: Arc[]; distance: number; tried: number }

/** One way for one chain. A chain that takes it turns it round, so that another can undo it. */
type Arc = { from: Gate; to: Gate }

/**
 * The most chains that share no identifier: a maximum flow through a network where one arc leads
 * through each identifier and one each way along each link. Every round adds a blocking set of the
 * shortest chains left (Dinic 1970); O(√identifiers) rounds do (Even and Tarjan 1975).
 */
function independentChains(around: Around, from: IdentifierNumber, to: IdentifierNumber): number {
  const newGate = (): Gate => ({ arcs: [], distance: 0, tried: 0 })
  const entries = new Map([...around.keys()].map((identifier) => [identifier, newGate()]))
  const exits = new Map([...around.keys()].map((identifier) => [identifier, newGate()]))
  for (const [identifier, nexts] of around) {
    const exit = exits.get(identifier) as Gate
    connect(entries.get(identifier) as Gate, exit)
    for (const next of nexts) connect(exit, entries.get(next) as Gate)
  }
  const gates = [...entries.values(), ...exits.values()]
  const [source, sink] = [exits.get(from) as Gate, entries.get(to) as Gate]
  let chains = 0
  for (measure(gates, source); sink.distance < Infinity; measure(gates, source)) {
    while (addChain(source, sink)) chains++
  }
  return chains
}

function connect(from: Gate, to: Gate) {
  const arc = { from, to }
  from.arcs.push(arc)
  to.arcs.push(arc)
}

/** Begins a round: how far each gate is from the source. */
function measure(gates: readonly Gate[], source: Gate) {
  for (const gate of gates) {
    gate.distance = Infinity
    gate.tried = 0
  }
  source.distance = 0
  const queue = [source]
  for (const gate of queue) {
    for (const { to } of gate.arcs) {
      if (to.distance < Infinity) continue
      to.distance = gate.distance + 1
      queue.push(to)
    }
  }
}

/** Takes one more chain, always away from the source; false when the round has none left. */
function addChain(source: Gate, sink: Gate): boolean {
  const taken: Arc[] = []
  for (let at = source; at !== sink; ) {
    const arc = nextArc(at) ?? taken.pop()
    if (arc === undefined) return false
    if (arc.from === at) {
      taken.push(arc)
      at = arc.to
    } else at = arc.from
  }
  for (const arc of taken) [arc.from, arc.to] = [arc.to, arc.from]
  return true
}

/** The next untried arc that leads away from the source. No arc is worth a second try in a round. */
function nextArc(gate: Gate): Arc | undefined {
  for (let arc = gate.arcs[gate.tried]; arc !== undefined; arc = gate.arcs[gate.tried]) {
    gate.tried++
    if (arc.to.distance === gate.distance + 1) return arc
  }
  return undefined
}
