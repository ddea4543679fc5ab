import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { openLedger } from '../src/group-commit.ts'
import { memoryLog } from '../src/log/memory.ts'
import { asked, requests } from './support/histories.ts'
import { holds } from './support/holds.ts'
import { openedLedger, viewOf } from './support/ledger.ts'
import { memoryReadModel } from './support/memory-read-model.ts'

t.test('a receipt tells what an observation put on record', async (t) => {
  const { ledger } = await openedLedger(t)
  const receipt = (primaryContactId: number, observation: number, contact: number | null) => ({
    ...{ primaryContactId, observation, contact, absorbed: [] }
  })
  t.same(await ledger.record(asked('a@x', '1')), receipt(1, 1, 1))
  t.same(await ledger.record(asked('b@x', '2')), receipt(2, 2, 2))
  t.same(await ledger.record(asked('b@x', null)), receipt(2, 3, null))
  t.same(await ledger.record(asked('a@x', '2')), { ...receipt(1, 4, null), absorbed: [2] })
})

t.test('what is recorded again under its key comes to nothing', async (t) => {
  const { ledger, log } = await openedLedger(t)
  await ledger.record(asked('a@x', '1', 'key'))
  const again = { primaryContactId: 1, observation: null, contact: null, absorbed: [] }
  t.same(await ledger.record(asked('a@x', '1', 'key')), again)
  await t.rejects(ledger.record(asked('b@x', '1', 'key')), { code: 'key_reused' })
  t.equal(await log.head(), 1)
})

t.test('a receipt knows the primary where decisions have a say', async (t) => {
  const { ledger } = await openedLedger(t)
  const decision = { actor: 'ann', reason: 'to see' }
  await ledger.record(asked('a@x', '1'))
  await ledger.decide({
    ...{ type: 'IdentifierBlocked', identifier: { kind: 'email', value: 'a@x' }, ...decision }
  })
  const receipt = await ledger.record(asked('a@x', '2', 'key'))
  t.match(receipt, { primaryContactId: 2, contact: 2, absorbed: [] })
  t.match(await ledger.record(asked('a@x', '2', 'key')), { primaryContactId: 2, contact: null })
  await ledger.decide({
    ...{ type: 'ObservationRetracted', observation: receipt.observation ?? 0, ...decision }
  })
  t.match(await ledger.record(asked('a@x', '2', 'key')), { primaryContactId: null })
})

holds(t, 'receipts and identities come of the same events', requests, async (given) => {
  const tellBy = async (way: 'record' | 'observe') => {
    const [db, log] = [memoryReadModel(), memoryLog()]
    const ledger = openLedger({ log, view: viewOf(db), now: () => 0, onFailure: () => {} })
    const primaries = []
    for (const one of given) primaries.push((await ledger[way](one)).primaryContactId)
    await ledger.close()
    db.close()
    return { primaries, events: await log.read(0, 100) }
  }
  same(await tellBy('record'), await tellBy('observe'))
})
