import { discard } from '../../projections/database.ts'
import { decide } from '../../src/domain/decide.ts'
import type { Recorded } from '../../src/domain/event.ts'
import { knowledgeOf } from '../../src/domain/knowledge.ts'
import { emptyNeighbourhood, follow } from '../../src/domain/neighbourhood.ts'
import { filesOf, holdLog, openModel } from '../wiring.ts'
import type { Body } from './mix.ts'

/** How many events are appended at once. */
const portion = 20_000

/** How much is known of the requests before, in contacts and values, until it is let go. */
const mostKnown = 2_000_000

/**
 * Puts on record what the pure core decides of requests, and nobody waits to be answered: a large
 * ledger is there soon. Nothing that they name may be known to the ledger before, nor be named again
 * much later. The read model is built from the log.
 */
export async function record(ledgerDir: string, bodies: Iterable<Body>): Promise<void> {
  const place = { ledgerDir }
  const held = holdLog(place, { create: true })
  const opened = await openModel(place, held.log)
  const { position: head, contact, identifier } = opened.view.latest()
  opened.close()
  const next = {
    ...{ position: head + 1, contact: contact + 1, identifier: identifier + 1 },
    now: Date.now()
  }
  const limits = { email: Number.POSITIVE_INFINITY, phone: Number.POSITIVE_INFINITY }
  let known = emptyNeighbourhood(limits)
  let batch: Recorded[] = []

  const append = async () => {
    await held.log.append(batch, next.position - 1 - batch.length)
    batch = []
    if (known.size > mostKnown) known = emptyNeighbourhood(limits)
  }
  const count = ({ event, identifiers }: Recorded) => {
    next.position++
    if (event.type === 'ContactObserved' && event.contact !== null) next.contact++
    for (const { number } of identifiers) next.identifier = Math.max(next.identifier, number + 1)
  }

  for (const body of bodies) {
    const asked = { ...body, source: 'bench', idempotencyKey: null, observedAt: null }
    const { events } = decide(knowledgeOf(known, asked), asked, next, neverRuled)
    for (const recorded of events) {
      follow(known, recorded)
      batch.push(recorded)
      count(recorded)
    }
    if (batch.length >= portion) await append()
  }
  await append()
  discard(filesOf(place).readModel)
  const built = await openModel(place, held.log)
  built.close()
  await held.close()
}

function neverRuled(): never {
  throw new Error('nobody decided anything')
}
