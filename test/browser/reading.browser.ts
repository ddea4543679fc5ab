import t from 'tap'
import { closeBrowser, openConsole, servedConsole } from '../support/browser.ts'
import { decide, hillValley } from '../support/hill-valley.ts'

t.setTimeout(120_000)
t.teardown(closeBrowser)

t.test('an identity is found by an email, a phone number and a contact’s id', async (t) => {
  const { page } = await servedConsole(t, hillValley)
  const find = async (value: string, finds: string) => {
    await page.getByLabel('Find an email').fill(value)
    await page.keyboard.press('Enter')
    await page.getByRole('main').getByText(finds).waitFor()
    return new URL(page.url()).hash
  }
  const primary = 'Primary: contact 1, with 1 secondary contact.'
  t.equal(await find(' Mcfly@hillvalley.edu ', primary), '#/contact/1')
  t.equal(await find('717-171', 'Primary: contact 3'), '#/contact/3')
  t.equal(await find('2', 'Contact 2 is a secondary of contact 1.'), '#/contact/2')
  const unknown = 'nobody@hillvalley.edu'
  t.match(await find(unknown, `Nothing is known about ${unknown}.`), /^#\/find\?/)
})

t.test('digits that may be a phone number or an id are told as both', async (t) => {
  const { page } = await servedConsole(t, async (ledger) => {
    await hillValley(ledger)
    await ledger.identify('doc@hillvalley.edu', '1')
  })
  await page.getByLabel('Find an email').fill('1')
  await page.getByRole('button', { name: 'Find' }).click()
  const choices = page.getByRole('main').getByRole('listitem')
  await choices.first().waitFor()
  t.strictSame(await choices.allTextContents(), [
    'contact 1, by its id (2 contacts)',
    'contact 5, with that phone number (1 contact)'
  ])
  await choices.getByRole('link', { name: 'contact 5' }).click()
  await page.waitForURL('**/#/contact/5')
})

t.test('the slider shows the identity as of then, and the address keeps it', async (t) => {
  const { ledger, page } = await servedConsole(t, hillValley, '#/contact/3')
  const card = page.getByRole('region', { name: 'The identity', exact: true })
  await card.getByText('biffsucks@hillvalley.edu').waitFor()
  const values = page.getByRole('region', { name: 'Values' }).getByRole('rowheader')
  t.equal(await values.count(), 4, 'all values now')

  const slider = page.getByRole('slider', { name: 'Show the identity as of' })
  await slider.focus()
  await page.keyboard.press('Home')
  await page.waitForURL('**/#/contact/3?asOf=3')
  await card.getByText('Primary: contact 3, alone.').waitFor()
  await page.getByText('Contact 3 is the primary as of position 3.').waitFor()
  t.equal(await card.getByText('biffsucks@hillvalley.edu').count(), 0, 'before they met')
  t.strictSame(await values.allTextContents(), ['george@hillvalley.edu', '919191'])
  t.match(await slider.getAttribute('aria-valuetext'), /^position 3, /)

  const again = await openConsole(t, ledger, '#/contact/4?asOf=4')
  await again.getByText('Contact 4 is the primary as of position 4.').waitFor()
  await again.getByRole('slider').press('End')
  await again.getByText('Contact 4 is a secondary of contact 3.').waitFor()
  await again.waitForURL('**/#/contact/4')
})

t.test('nothing is picked from what the slider has left behind', async (t) => {
  const { page } = await servedConsole(t, hillValley, '#/contact/3')
  await page.getByLabel('Pick contact 3').waitFor()
  let answer = () => {}
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  await page.route('**/contacts/3?asOf=*', async (route) => {
    await answered
    await route.continue()
  })
  const pick = page.getByLabel('Pick contact 3')
  const isHeld = () => pick.evaluate((box) => box.closest('[inert][aria-busy]') !== null)
  await page.getByRole('slider').press('ArrowLeft')
  t.ok(await isHeld(), 'while the slider rests')
  await page.waitForURL('**/#/contact/3?asOf=*')
  t.ok(await isHeld(), 'while the answer is awaited')
  answer()
  await pick.check()
  t.ok(await pick.isChecked(), 'but once it is answered')
})

t.test('an answer that comes late does not show what the slider has left', async (t) => {
  const { page } = await servedConsole(t, hillValley, '#/contact/3')
  const role = page.getByText('Contact 3 is a').or(page.getByText('Contact 3 is the'))
  const now = await role.textContent()
  let answer = () => {}
  const late = new Promise<void>((resolve) => {
    answer = resolve
  })
  const told = page.waitForResponse('**/contacts/3?asOf=*')
  await page.route('**/contacts/3?asOf=*', async (route) => {
    await late
    await route.continue()
  })
  await page.getByRole('slider').press('ArrowLeft')
  await page.waitForURL('**/#/contact/3?asOf=*')
  await page.getByRole('slider').press('End')
  await page.waitForURL('**/#/contact/3')
  await page.locator('main:not(:has([aria-busy]))').waitFor()
  answer()
  await (await told).finished()
  t.equal(await role.textContent(), now)
})

t.test('who leaves the page while the slider rests stays where they went', async (t) => {
  const { page } = await servedConsole(t, hillValley, '#/contact/3')
  await page.getByRole('slider').waitFor()
  await page.evaluate(`(() => {
    const slider = document.querySelector('input[type=range]')
    slider.stepDown()
    slider.dispatchEvent(new Event('input', { bubbles: true }))
    location.hash = '#/contact/1'
  })()`)
  await page.getByRole('heading', { name: 'Contact 1 and whose it is' }).waitFor()
  await page.waitForTimeout(300)
  t.equal(new URL(page.url()).hash, '#/contact/1')
})

t.test('two contacts that are picked are proved to be one, step by step', async (t) => {
  const { page } = await servedConsole(t, hillValley, '#/contact/3')
  await page.getByLabel('Pick contact 3').check()
  await page.getByLabel('Pick contact 4').check()
  await page.getByRole('link', { name: 'Why are contacts 3 and 4 one person?' }).click()
  await page.getByRole('heading', { name: 'contact 3 and contact 4 are one person.' }).waitFor()
  const current = page.locator('[aria-current=step]')
  t.match(
    await current.textContent(),
    /^george@hillvalley.edu and 717171: seen together once, at 5/
  )
  await page.getByRole('button', { name: 'Next step' }).click()
  t.match(await current.textContent(), /^717171 and biffsucks@hillvalley.edu: seen together once/)
  await page.waitForURL('**&step=2')
  await page.getByText('without any of these they would part: 717171').waitFor()
  const next = page.getByRole('button', { name: 'Next step' })
  t.equal(await next.getAttribute('aria-disabled'), 'true', 'there is no step after the last')

  await page.reload()
  await page.getByText('Step 2 of 2').waitFor()
  await page.goBack()
  await page.getByRole('heading', { name: 'Contact 3 and whose it is' }).waitFor()
})

t.test('why two contacts are not one is told with who decided it', async (t) => {
  const { page } = await servedConsole(
    t,
    async (ledger) => {
      await hillValley(ledger)
      await decide(ledger, { type: 'IdentifierBlocked', identifier: 'phone:717171' })
    },
    '#/why'
  )
  await page.getByLabel('From').fill('george@hillvalley.edu')
  await page.getByLabel('To', { exact: true }).fill('4')
  await page.getByRole('button', { name: 'Why?' }).click()
  await page.getByRole('heading', { name: 'are not one person.' }).waitFor()
  await page.getByText('parted by IdentifierBlocked').waitFor()
  const step = await page.locator('[aria-current=step]').textContent()
  t.match(step, /But 717171 is blocked, by ann at 7: “a test”/)
})

t.test('the evidence is drawn, with what stands out in its labels', async (t) => {
  const { page } = await servedConsole(t, hillValley, '#/contact/3')
  await page.getByText('Drawn: 4 identifiers and 3 links.').waitFor()
  const row = page.getByRole('region', { name: 'Values' }).getByRole('row', { name: /717171/ })
  t.match(await row.textContent(), /2 others.*weak point/)
  const painted =
    await page.evaluate(`[...document.querySelectorAll('.canvas canvas')].some((one) =>
    one.getContext('2d').getImageData(0, 0, one.width, one.height).data.some((byte) => byte > 0))`)
  t.ok(painted, 'something is painted')
})

t.test('a value that links nobody is found with each who carries it', async (t) => {
  const { page } = await servedConsole(
    t,
    async (ledger) => {
      await hillValley(ledger)
      await decide(ledger, { type: 'IdentifierBlocked', identifier: 'phone:717171' })
    },
    '#/find?value=phone:717171'
  )
  await page.getByText('717171 links nobody').waitFor()
  const carriers = page.locator('.carriers a')
  t.strictSame(await carriers.allTextContents(), ['contact 4'])
  await page.getByRole('button', { name: 'Unblock 717171' }).click()
  await page.getByText('2 identities would become 1 identity.').waitFor()
  await page.keyboard.press('Escape')
  await carriers.first().click()
  await page.getByText('Primary: contact 4, alone.').waitFor()
})

t.test('the front page tells the ledger in numbers, and what happens as it happens', async (t) => {
  const { ledger, page } = await servedConsole(t, hillValley)
  const numbers = await page.locator('.totals div').allTextContents()
  t.strictSame(numbers, ['Identities2', 'Contacts4', 'Events6', 'Merges1', 'Splits0'])
  await page.getByRole('img', { name: /Merges and splits by day/ }).waitFor()
  await page.getByText('Connected: what happens shows here.').waitFor()
  await ledger.identify('doc@hillvalley.edu', '1955')
  const first = page.locator('.feed li').first()
  await first.getByText('doc@hillvalley.edu').waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await ledger.identify('einstein@hillvalley.edu', '1985')
  await ledger.identify('copernicus@hillvalley.edu', '1885')
  t.match(await first.textContent(), /doc@/, 'nothing moves while it is held')
  await page.getByRole('button', { name: 'Pause' }).click()
  await first.getByText('copernicus@hillvalley.edu').waitFor()
})

t.test('a value that looks like markup stays a value', async (t) => {
  const hostile = '"<img/src=x/onerror=alert(1)>"@x.y'
  const { ledger, page } = await servedConsole(t, (ledger) => ledger.identify(hostile, '1'))
  await decide(ledger, {
    type: 'IdentifierBlocked',
    identifier: `email:${hostile}`,
    reason: '<img src=x onerror=alert(1)>'
  })
  page.on('dialog', () => t.fail('a script of it runs'))
  for (const hash of ['#/', '#/contact/1', `#/find?value=${encodeURIComponent(hostile)}`]) {
    await page.goto(`http://127.0.0.1:${ledger.port}/${hash}`)
    await page.getByText(hostile).first().waitFor()
    t.equal(await page.locator('main img').count(), 0, `${hash} makes no element of it`)
  }
})

t.test(
  'an identity of 5,000 contacts stays usable, and says that it is drawn in part',
  async (t) => {
    const [groups, each] = [50, 100]
    const { page } = await servedConsole(
      t,
      async (ledger) => {
        for (let group = 0; group < groups; group++) {
          const phones = Array.from({ length: each }, (_, nth) =>
            String(10_000 + group * each + nth)
          )
          await Promise.all(phones.map((phone) => ledger.identify(`group${group}@x`, phone)))
        }
        for (let group = 1; group < groups; group++) {
          await ledger.identify(`group${group - 1}@x`, String(10_000 + group * each))
        }
      },
      '#/contact/1'
    )
    await page.getByText('Primary: contact 1, with 4,999 secondary contacts.').waitFor()
    await page.getByText('Drawn in part: 250 of 5,050 identifiers').waitFor()
    const rows = page.getByRole('region', { name: 'Contacts' }).getByRole('checkbox')
    t.equal(await rows.count(), 100, 'a table begins with a hundred rows')
    await page.getByRole('button', { name: /^Show more of contacts/ }).click()
    t.equal(await rows.count(), 200, 'and shows more on demand')
    await page.getByRole('button', { name: 'Load what came after these 1,000 events' }).click()
    await page.getByRole('button', { name: 'Load what came after these 2,000 events' }).waitFor()
  }
)
