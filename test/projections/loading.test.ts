import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Observation } from '../../src/domain/decide.ts'
import type { MemoryLimits } from '../../src/domain/letting-go.ts'
import { emptyNeighbourhood } from '../../src/domain/neighbourhood.ts'
import type { View } from '../../src/views.ts'
import { decidedHistory } from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'
import { shownBy, viewOf } from '../support/ledger.ts'

const limits = fc.record({ held: fc.integer({ min: 0, max: 12 }), kept: fc.constantFrom(3, 4) })

holds(
  t,
  'the large identities that are in memory from the start are those that requests would load',
  fc.record({ told: decidedHistory, limits }),
  ({ told, limits }) => {
    shownBy([told], (db) => {
      const view = viewOf(db)
      const values = told.flatMap(({ identifiers }) => identifiers)
      const asked = values.map(observed)
      const early = emptyNeighbourhood(view.limits())
      view.loadLarge(early, limits)
      const late = emptyNeighbourhood(view.limits())
      view.load(late, asked)

      const sizes = [...early.groups.values()].map(({ contacts }) => contacts.length)
      same(sizes.sort(descending), keptOf(view, limits))
      for (const [primary, group] of early.groups) {
        // No request loads an identity whose every value decisions have a say in.
        const loaded = late.groups.get(primary)
        if (loaded !== undefined) same(group, loaded)
      }

      view.load(early, asked)
      same(early.places, late.places)
    })
  },
  { numRuns: 300 }
)

/** The sizes of the identities that are to be kept, by the statistics. */
function keptOf(view: View, { held, kept }: MemoryLimits): number[] {
  const found: number[] = []
  let size = 0
  for (const { contacts } of view.stats().largest) {
    if (contacts < kept || (size > 0 && size + contacts > held / 2)) continue
    found.push(contacts)
    size += contacts
  }
  return found
}

const descending = (a: number, b: number) => b - a

function observed({ kind, value }: { kind: string; value: string }): Observation {
  const email = kind === 'email' ? value : null
  const phoneNumber = kind === 'phone' ? value : null
  return { email, phoneNumber, source: 'test', idempotencyKey: null, observedAt: null }
}
