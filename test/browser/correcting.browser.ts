import t from 'tap'
import { closeBrowser, servedConsole } from '../support/browser.ts'
import { hillValley } from '../support/hill-valley.ts'

t.setTimeout(120_000)
t.teardown(closeBrowser)

t.test('a correction shows what it would change, asks who and why, and is made', async (t) => {
  const { ledger, page } = await servedConsole(t, hillValley, '#/contact/3')
  await page.getByRole('button', { name: 'Retract the observation at 5' }).click()
  const dialog = page.getByRole('dialog', { name: 'Retract the observation at 5?' })
  await dialog.getByText('1 identity would become 2 identities.').waitFor()
  const sides = await dialog.locator('.change section').allTextContents()
  t.match(sides, [
    /^Before.*contact 3 with 1 secondary.*george@.*biffsucks@.*919191.*717171/,
    /^After.*contact 3.*george@hillvalley.edu.*919191.*contact 4.*biffsucks@hillvalley.edu.*717171/
  ])
  t.equal(await ledger.head(), 6, 'nothing is written by trying')

  const record = dialog.getByRole('button', { name: 'Record the decision' })
  await record.click()
  t.ok(await dialog.isVisible(), 'who and why must be said')
  await dialog.getByLabel('Your name').fill('ann')
  await dialog.getByLabel('Reason').fill('the number was mistyped')
  await record.click()
  await page.getByRole('status').getByText('Recorded at position 7').waitFor()
  await page.getByText('Primary: contact 3, alone.').waitFor()
  t.match((await ledger.events())[6], {
    type: 'ObservationRetracted',
    data: { observation: 5, actor: 'ann', reason: 'the number was mistyped' }
  })

  await page.getByRole('button', { name: 'Block george@hillvalley.edu' }).click()
  const next = page.getByRole('dialog')
  await next.getByText('No identity would change.').waitFor()
  t.equal(await next.getByLabel('Your name').inputValue(), 'ann', 'who decides is remembered')
})

t.test('what is called off is not done', async (t) => {
  const { ledger, page } = await servedConsole(t, hillValley, '#/contact/3')
  const open = page.getByRole('button', { name: 'Block 717171' })
  for (const leave of [
    () => page.getByRole('button', { name: 'Cancel' }).click(),
    () => page.keyboard.press('Escape')
  ]) {
    await open.click()
    await page.getByText('1 identity would become 2 identities.').waitFor()
    await leave()
    t.equal(await page.getByRole('dialog').count(), 0)
    const focused = await page.evaluate('document.activeElement.getAttribute("aria-label")')
    t.equal(focused, 'Block 717171', 'the focus is back where it was')
  }
  t.equal(await ledger.head(), 6)
})

t.test('what the service refuses is told in its words', async (t) => {
  const { ledger, page } = await servedConsole(t, hillValley, '#/contact/3')
  await page.getByRole('button', { name: 'Forbid the link of biffsucks' }).click()
  await page.getByLabel('Your name').fill('x'.repeat(201))
  await page.getByLabel('Reason').fill('too long a name')
  await page.getByRole('button', { name: 'Record the decision' }).click()
  const told = page.getByRole('alert').getByText('actor must have at most 200 characters.')
  t.ok(await told.waitFor().then(() => true))
  await page.getByLabel('Your name').fill('ann')
  await page.getByRole('button', { name: 'Record the decision' }).click()
  await page.getByRole('status').getByText('Recorded at position 7').waitFor()
  t.match((await ledger.events())[6], { type: 'LinkForbidden' }, 'and can be mended there')
})

t.test('a link is asserted that nothing was seen of', async (t) => {
  const { ledger, page } = await servedConsole(t, hillValley, '#/contact/1')
  await page.getByText('Assert a link that nothing was seen of').click()
  await page.getByLabel('One value').fill('lorraine@hillvalley.edu')
  await page.getByLabel('Another value').fill('919191')
  await page.getByRole('button', { name: 'Assert …' }).click()
  await page.getByText('2 identities would become 1 identity.').waitFor()
  await page.getByLabel('Your name').fill('ann')
  await page.getByLabel('Reason').fill('they told me')
  await page.getByRole('button', { name: 'Record the decision' }).click()
  await page.getByText('Primary: contact 1, with 3 secondary contacts.').waitFor()
  const between = ['email:lorraine@hillvalley.edu', 'phone:919191']
  t.match((await ledger.events())[6], { type: 'LinkAsserted', data: { between } })
  await page
    .getByRole('button', { name: /^Withdraw the assertion/ })
    .first()
    .waitFor()
})

t.test('how widely values may be shared is decided on the front page', async (t) => {
  const { ledger, page } = await servedConsole(t, hillValley)
  await page.getByText('Set a sharing limit').click()
  await page.getByLabel('Kind').selectOption('phone')
  await page.getByLabel('Others at most').fill('1')
  await page.getByRole('button', { name: 'Set …' }).click()
  await page.getByText('2 identities would become 4 identities.').waitFor()
  await page.getByLabel('Your name').fill('ann')
  await page.getByLabel('Reason').fill('too many share')
  await page.getByRole('button', { name: 'Record the decision' }).click()
  await page.getByRole('status').getByText('Recorded at position 7').waitFor()
  t.match((await ledger.events())[6], { data: { kind: 'phone', limit: 1 } })
})
