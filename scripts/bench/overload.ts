import type { Bench, Workshop } from './bench.ts'
import { mixedLoad } from './clients.ts'
import { type Figure, figureOf, median, type Series } from './figure.ts'
import { mix } from './mix.ts'
import { type Flood, flooder } from './open-loop.ts'
import { alternate } from './rounds.ts'
import { inTurns, onCopy, serve } from './served.ts'

const factors = [1, 2, 5] as const

type Overloaded = Flood & { readonly memory: number }

/** More requests than can be written: they come at their own rate, whatever becomes of those before. */
export const overload: Bench = {
  summary: 'at 1, 2 and 5 times what it can take: throughput, p99, memory, share of 503',

  async run(workshop) {
    const { sizes, note } = workshop
    const contacts = sizes.contacts ?? (sizes.quick ? 1_000 : 100_000)
    const load = mixedLoad(contacts, sizes.connections, sizes.client ?? 'autocannon')
    const count = Math.min(sizes.rounds, 3)
    const closed = await inTurns(workshop, { rounds: onCopy(workshop, { contacts }, load) }, count)
    const capacity = closed.rounds.map(({ perSecond }) => perSecond)
    note(`it can take ${Math.round(median(capacity))} requests/s`)
    const contenders = factors.map((factor) => [
      `${factor}×`,
      (round: number) => flooded(workshop, contacts, median(capacity), factor, round)
    ])
    const floods = await alternate<string, Overloaded>(count, Object.fromEntries(contenders))
    const yardstick = { what: `${sizes.connections} connections that wait`, rounds: capacity }
    return Object.entries(floods).flatMap(([name, rounds]) =>
      told(name, rounds, contacts, yardstick)
    )
  }
}

function told(
  name: string,
  rounds: readonly Overloaded[],
  contacts: number,
  yardstick: Series
): Figure[] {
  const common = { bench: 'overload', ledger: `${contacts.toLocaleString('en')} contacts` }
  const simple = (what: string, unit: string, of: (round: Overloaded) => number) =>
    figureOf({ ...common, what: `${name}: ${what}`, unit, ours: rounds.map(of) })
  const came = ({ answered, refused, failed, unsent }: Flood) =>
    answered + refused + failed + unsent
  return [
    figureOf({
      ...common,
      what: `${name}: answered 200`,
      unit: 'requests/s',
      ours: rounds.map(({ answered }) => answered),
      yardstick
    }),
    simple('p99 of 200', 'ms', ({ p99 }) => p99),
    simple('answered 503', '%', (round) => (100 * round.refused) / came(round)),
    ...(rounds.some(({ refused }) => refused > 0)
      ? [simple('p99 of 503', 'ms', ({ p99Refused }) => p99Refused)]
      : []),
    simple('not sent, no connection free', '%', (round) => (100 * round.unsent) / came(round)),
    simple('failed', '%', (round) => (100 * round.failed) / came(round)),
    simple('memory at the end', 'MiB', ({ memory }) => memory)
  ]
}

async function flooded(
  workshop: Workshop,
  contacts: number,
  capacity: number,
  factor: number,
  round: number
): Promise<Overloaded> {
  const { ledgers, sizes } = workshop
  const dir = await ledgers.copy({ contacts })
  const server = await serve(workshop, dir)
  const bodies = (salt: number) => {
    const from = mix(contacts, salt)
    return () => JSON.stringify(from.next().value)
  }
  try {
    const client = await flooder(server.url)
    await client.flood(bodies(1_000 + round), capacity / 2, sizes.warmUp)
    const flooded = await client.flood(bodies(round), factor * capacity, sizes.seconds)
    const memory = server.memory()
    client.close()
    return { ...flooded, memory }
  } finally {
    await server.stop()
    ledgers.discard(dir)
  }
}
