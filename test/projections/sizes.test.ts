import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { sizes } from '../../projections/stats/sizes.ts'
import { holds } from '../support/holds.ts'
import { memoryReadModel } from '../support/memory-read-model.ts'

t.setTimeout(300_000)

const identity = fc.integer({ min: 1, max: 6 })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('grow' as const), identity }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('merge' as const), identity, absorbed: identity })
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('reshape' as const),
      became: fc.uniqueArray(fc.tuple(identity, fc.constantFrom(null, 1, 2, 3)), {
        selector: ([identity]) => identity
      }),
      cut: fc.nat(6)
    })
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('flush', 'commit', 'drop') }) }
)

holds(
  t,
  'however few sizes wait, those on record are all that were told and not dropped',
  fc.record({ most: fc.integer({ min: 1, max: 4 }), steps: fc.array(step) }),
  ({ most, steps }) => {
    const db = memoryReadModel()
    const kept = sizes(db, most)
    const onRecord = db.prepare<[], [number, number]>('SELECT identity, contacts FROM sizes').raw()
    let [now, committed] = [new Map<number, number>(), new Map<number, number>()]
    const sizeOf = (identity: number) => now.get(identity) ?? 1
    const flush = () => {
      kept.flush()
      same(new Map(onRecord.all()), now)
    }
    db.exec('BEGIN')
    for (const step of steps) {
      if ('absorbed' in step) {
        const [survivor, absorbed] = [step.identity, step.absorbed].sort((a, b) => a - b)
        if (survivor === undefined || absorbed === undefined || survivor === absorbed) continue
        kept.merge(survivor, absorbed)
        now.set(survivor, sizeOf(survivor) + sizeOf(absorbed)).delete(absorbed)
      } else if ('identity' in step) {
        kept.grow(step.identity)
        now.set(step.identity, sizeOf(step.identity) + 1)
      } else if ('became' in step) {
        const rows = step.became.map(([one, after]) => [one, now.get(one) ?? null, after])
        const texts = [rows.slice(0, step.cut), rows.slice(step.cut)]
        for (const some of texts) kept.reshape(JSON.stringify(some))
        for (const [one, after] of step.became) {
          if (after === null || after === 1) now.delete(one)
          else now.set(one, after)
        }
      } else if (step.what === 'drop') {
        db.exec('ROLLBACK; BEGIN')
        kept.forget()
        now = new Map(committed)
      } else {
        flush()
        if (step.what === 'flush') continue
        db.exec('COMMIT; BEGIN')
        committed = new Map(now)
      }
    }
    flush()
    db.close()
  }
)
