import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import type { Identity } from '../../src/domain/answer.ts'
import { buildApp } from '../../src/http/app.ts'
import { sqliteLog } from '../../src/log/sqlite.ts'
import { openedLedger } from '../support/ledger.ts'

const people = Array.from({ length: 200 }, (_, nth) => `person.${nth}@home.example`)

t.test('a service that has too much to do says so, and forgets nothing that it took', async (t) => {
  const log = sqliteLog(join(t.testdir(), 'ledger.db'), 'write')
  t.teardown(() => log.close())
  // The disk is slow until somebody was refused.
  let letGo = () => {}
  const slow = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const { ledger } = await openedLedger(t, {
    log: {
      ...log,
      async append(...batch) {
        await slow
        return log.append(...batch)
      }
    },
    queueLimit: 3,
    batchLimits: { requests: 2, weight: 100 }
  })
  const service = { state: 'ready' as const, ledger: () => ledger, canonicalPhone: String }
  const app = await buildApp({ service, logger: pino({ level: 'silent' }) })
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo

  const ask = async (email: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/identify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email })
    })
    if (answer.status === 503) letGo()
    return { email, answer, body: await answer.json() }
  }
  const answers = await Promise.all(people.map(ask))
  const taken = answers.filter(({ answer }) => answer.status === 200)
  const refused = answers.filter(({ answer }) => answer.status !== 200)
  t.ok(taken.length > 0, 'some are taken')
  t.ok(refused.length > 0, 'some are refused')
  for (const { answer, body } of refused) {
    const { status, headers } = answer
    const told = [status, headers.get('retry-after'), headers.get('content-type')]
    t.strictSame(told, [503, '1', 'application/problem+json; charset=utf-8'])
    t.match(body, { detail: 'Too many requests are waiting.' })
  }

  const onRecord = (await log.read(0, people.length)).map(
    ({ identifiers }) => identifiers[0]?.value
  )
  t.strictSame(
    onRecord.toSorted(),
    taken.map(({ email }) => email).toSorted(),
    'each that was answered is in the log exactly once, and nothing else is'
  )
  t.ok(taken.every(({ email, body }) => (body as Identity).emails[0] === email))

  const again = await ask(refused[0]?.email ?? '')
  t.equal(again.answer.status, 200, 'who comes again later is taken')
})
