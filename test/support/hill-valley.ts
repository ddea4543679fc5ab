import type { Served } from './service.ts'

/** The statement's story: contacts 1 and 2 are one person, and so are 3 and 4 since position 5. */
export async function hillValley(ledger: Served) {
  await ledger.identify('lorraine@hillvalley.edu', '123456')
  await ledger.identify('mcfly@hillvalley.edu', '123456')
  await ledger.identify('george@hillvalley.edu', '919191')
  await ledger.identify('biffsucks@hillvalley.edu', '717171')
  await ledger.identify('george@hillvalley.edu', '717171')
}

/** Makes a decision that must be accepted. */
export async function decide(ledger: Served, decision: object) {
  const answer = await ledger.send({
    method: 'POST',
    path: '/decisions',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ actor: 'ann', reason: 'a test', ...decision })
  })
  if (answer.status !== 200) throw new Error(`was answered ${answer.status}: ${answer.text}`)
}
