import pino from 'pino'
import t, { type Test } from 'tap'
import type { Scope } from '../../src/http/keyring.ts'
import { closeBrowser, openConsole } from '../support/browser.ts'
import { bearing, keyFile } from '../support/keys.ts'
import { serve } from '../support/service.ts'

t.setTimeout(120_000)
t.teardown(closeBrowser)

/** A service that takes keys, with the statement's story in it, and the token of a key for the test. */
async function guarded(t: Test, ...scopes: Scope[]) {
  const keys = keyFile(t)
  const [all, token] = [await keys.add('shop', 'admin'), await keys.add('ann', ...scopes)]
  const ledger = await serve(t, pino({ level: 'silent' }), { apiKeysFile: keys.path })
  await ledger.post({ email: 'george@hillvalley.edu', phoneNumber: '919191' }, bearing(all))
  await ledger.post({ email: 'george@hillvalley.edu', phoneNumber: '717171' }, bearing(all))
  return { ledger, token, all, keys }
}

t.test('who has a token is let in by it, and forgets it when told to', async (t) => {
  const { ledger, token, all } = await guarded(t, 'read')
  const page = await openConsole(t, ledger, '#/contact/1', { waitFor: 'dialog' })
  const dialog = page.getByRole('dialog', { name: 'This ledger asks who you are' })
  await dialog.getByLabel('Token').fill('idl_wrong')
  await page.keyboard.press('Enter')
  await dialog.getByText('The key is not known, or was revoked.').waitFor()
  await dialog.getByLabel('Token').fill(token)
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('Primary: contact 1, with 1 secondary contact.').waitFor()
  t.equal(await page.getByRole('dialog').count(), 0, 'one token is enough')
  t.notMatch(page.url(), /idl_/, 'the address does not show it')

  await page.getByRole('link', { name: 'Identity ledger' }).click()
  await page.getByText('Connected: what happens shows here.').waitFor()
  await ledger.post({ email: 'doc@hillvalley.edu' }, bearing(all))
  await page.locator('.feed').getByText('doc@hillvalley.edu').waitFor()

  await page.getByRole('button', { name: 'Forget the token' }).click()
  await dialog.getByText('Send a key').waitFor()
  await page.keyboard.press('Escape')
  t.ok(
    await page
      .getByRole('heading', { name: 'That did not work' })
      .waitFor()
      .then(() => true)
  )
})

t.test('a decision is signed by its key, and asks for no name', async (t) => {
  const { ledger, token, all } = await guarded(t, 'read', 'decide')
  const page = await openConsole(t, ledger, '#/contact/1', { waitFor: 'dialog' })
  await page.getByLabel('Token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Block george@hillvalley.edu' }).click()
  await page.getByText('1 identity would become 2 identities.').waitFor()
  t.equal(await page.getByLabel('Your name').count(), 0)
  await page.getByLabel('Reason').fill('a mailbox')
  await page.getByRole('button', { name: 'Record the decision' }).click()
  await page.getByRole('status').getByText('Recorded at position 3').waitFor()
  const { body } = await ledger.send({ path: '/events?after=2&limit=1', headers: bearing(all) })
  t.match(body, { events: [{ type: 'IdentifierBlocked', data: { actor: 'ann' } }] })
})

t.test('what a key is not good for is told', async (t) => {
  const { ledger, token } = await guarded(t, 'read')
  const page = await openConsole(t, ledger, '#/contact/1', { waitFor: 'dialog' })
  await page.getByLabel('Token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Block george@hillvalley.edu' }).click()
  const told = page.getByText('The key ann lacks the scope decide.')
  t.ok(await told.waitFor().then(() => true))
})
