import type { Bench, Workshop } from './bench.ts'
import { clientBy, clientsAsked } from './clients.ts'
import { type Figure, figureOf } from './figure.ts'
import { known } from './mix.ts'
import { bareRoute, inTurns, type Load, onCopy } from './served.ts'

/** `GET /contacts?email=` beside a bare Fastify route. */
export const lookup: Bench = {
  summary: 'GET /contacts?email= beside a bare Fastify route',

  async run(workshop) {
    const figures: Figure[] = []
    for (const name of clientsAsked(workshop.sizes.client)) {
      figures.push(await by(name, workshop))
    }
    return figures
  }
}

async function by(name: string, workshop: Workshop): Promise<Figure> {
  const { sizes } = workshop
  const contacts = sizes.contacts ?? (sizes.quick ? 10_000 : 1_000_000)
  const load: Load = (url, round, seconds) => {
    const emails = known(contacts, round)
    const next = () => ({ path: `/contacts?email=${encodeURIComponent(emails.next().value)}` })
    return clientBy(name)(url, next, sizes.connections, seconds)
  }
  const rounds = await inTurns(workshop, {
    ours: onCopy(workshop, { contacts }, load),
    bare: bareRoute(workshop, load)
  })
  return figureOf({
    bench: 'lookup',
    what: `GET /contacts?email=, ${sizes.connections} connections, client ${name}`,
    unit: 'requests/s',
    ledger: `${contacts.toLocaleString('en')} contacts`,
    ours: rounds.ours.map(({ perSecond }) => perSecond),
    yardstick: { what: 'bare route', rounds: rounds.bare.map(({ perSecond }) => perSecond) },
    goal: { at: 'least', value: 0.85 }
  })
}
