import t from 'tap'
import { fingerprint } from '../../projections/projector.ts'
import type { ContactsSplit } from '../../src/domain/event.ts'
import { parseEvent } from '../../src/domain/stored-event.ts'
import { rememberJson, storedData } from '../../src/log/stored-data.ts'
import { causedBy } from '../../src/settlement.ts'

const split = (): ContactsSplit => ({
  type: 'ContactsSplit',
  identity: 1,
  parted: [{ primary: 2, contacts: [2] }],
  cause: 0
})

t.test('parts that came as JSON are stored as they came', async (t) => {
  const came = split()
  const json = '[ {"primary":2,"contacts":[2]} ]'
  rememberJson(came.parted, json)
  const [event] = causedBy(7, [came])
  const data = event && storedData(event)
  t.equal(data, `{"identity":1,"parted":${json},"cause":7}`)
  t.same(parseEvent(8, 'ContactsSplit', 1, data ?? ''), event)
})

t.test('an event that is read back has the fingerprint that it had', async (t) => {
  const event = { ...split(), cause: 7 }
  const known = { ...split(), cause: 7 }
  rememberJson(known.parted, JSON.stringify(known.parted))
  const back = parseEvent(8, 'ContactsSplit', 1, storedData(event))
  const prints = [event, known, back].map((event) =>
    fingerprint({ position: 8, recordedAt: 5, event, identifiers: [] })
  )
  t.equal(new Set(prints).size, 1)
})
