import t from 'tap'
import { decide, hillValley } from '../support/hill-valley.ts'
import { refused, serve } from '../support/service.ts'

t.test('a value that links nobody is found by itself, with who carries it', async (t) => {
  const ledger = await serve(t)
  await hillValley(ledger)
  await ledger.identify('o/hara%@x.y', '+1702')
  await decide(ledger, { type: 'IdentifierBlocked', identifier: 'phone:123456' })
  const asked = {
    'phone:123456': { links: false, sharing: 2, contacts: [1, 2], more: false },
    'phone:12-34%2056': { links: false, sharing: 2, contacts: [1, 2], more: false },
    'email:Mcfly@hillvalley.edu': { links: true, sharing: 1, contacts: [2], more: false },
    'email:o%2Fhara%25@x.y': { links: true, sharing: 1, contacts: [5], more: false },
    'phone:+1702': { links: true, sharing: 1, contacts: [5], more: false }
  }
  for (const [name, told] of Object.entries(asked)) {
    const { status, body } = await ledger.get(`/identifiers/${name}`)
    t.match({ status, body }, { status: 200, body: told }, name)
  }
  for (const name of ['email:doc@hillvalley.edu', 'phone:1']) {
    refused(t, await ledger.get(`/identifiers/${name}`), 404, `an unknown ${name}`)
  }
  for (const name of ['contact:1', 'email:', 'phone:abc', '123456', 'fax:1']) {
    const at = ['/identifier']
    refused(t, await ledger.get(`/identifiers/${name}`), 400, `a malformed ${name}`, at)
  }
})
