import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { outcomeOf, outcomeTexts, outcomeTold } from '../scripts/outcome-texts.ts'
import type { Outcome, Recorded } from '../src/domain/event.ts'
import { storedData } from '../src/log/stored-data.ts'
import { type PublishedDecision, publishDecided } from '../src/published-decision.ts'
import { holds } from './support/holds.ts'

const plain = { noNullPrototype: true } as const
const contact = fc.integer({ min: 1, max: 9 })
const contacts = fc.array(contact, { minLength: 1, maxLength: 3 })
const parts = fc.array(fc.record({ primary: contact, contacts }, plain), {
  minLength: 1,
  maxLength: 4
})

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record(
    {
      type: fc.constant('ContactsMerged' as const),
      survivor: contact,
      absorbed: contacts,
      cause: contact
    },
    plain
  ),
  fc.record(
    {
      type: fc.constant('ContactsSplit' as const),
      identity: contact,
      parted: parts,
      cause: contact
    },
    plain
  )
)

/** How outcomes of a decision are told. */
function published(...outcomes: readonly Outcome[]): PublishedDecision['outcomes'] {
  const said = { actor: 'ann', reason: 'a test' }
  const event = { type: 'SharingLimitSet', kind: 'phone', limit: null, ...said } as const
  const events = [event, ...outcomes].map((event, nth): Recorded => {
    return { position: nth + 1, recordedAt: 0, event, identifiers: [] }
  })
  return publishDecided(events).outcomes
}

const text = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString()

holds(t, 'an outcome comes from a thread, and is told, as it is', outcome, async (one) => {
  const texts = structuredClone(outcomeTexts(one))
  const back = await outcomeOf(texts)
  same(back, one)
  same(storedData(back), storedData(one))
  const [told] = published(one)
  same(told && text(outcomeTold(told, texts.parted)), JSON.stringify(told))
})

t.test('so does one of many parts', async (t) => {
  const parted = Array.from({ length: 25_000 }, (_, nth) => ({ primary: nth, contacts: [nth] }))
  const one: Outcome = { type: 'ContactsSplit', identity: 1, parted, cause: 7 }
  const texts = structuredClone(outcomeTexts(one))
  t.ok(texts.parted.length > 1, 'cut into texts')
  const back = await outcomeOf(texts)
  t.strictSame(back, one)
  t.equal(storedData(back), storedData(one), 'and stored as it would be here')
  const [told] = published(one)
  t.equal(told && text(outcomeTold(told, texts.parted)), JSON.stringify(told))
})
