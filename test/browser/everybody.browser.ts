import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import t from 'tap'
import { closeBrowser, openConsole } from '../support/browser.ts'
import { decide, hillValley } from '../support/hill-valley.ts'
import { serve } from '../support/service.ts'

t.setTimeout(120_000)
t.teardown(closeBrowser)

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

const pages = {
  'the front page': '#/',
  'an identity': '#/contact/3',
  'an identity as it was': '#/contact/3?asOf=3',
  'why two are one': '#/why?from=contact:3&to=contact:4',
  'why two are not one': '#/why?from=contact:1&to=contact:5',
  'nothing found': '#/find?value=nobody',
  'a value that links nobody': '#/find?value=phone:555',
  'no page': '#/elsewhere'
}

/** A ledger in which something was decided, so that all kinds of text are on the pages. */
async function decided(t: Parameters<typeof serve>[0]) {
  const ledger = await serve(t)
  await hillValley(ledger)
  await ledger.identify('lorraine@hillvalley.edu', '555')
  await ledger.identify('doc@hillvalley.edu', '555')
  await decide(ledger, { type: 'IdentifierBlocked', identifier: 'phone:555' })
  return ledger
}

/** What axe has to complain of on a page as it stands. */
async function complaints(page: Page): Promise<string[]> {
  await page.waitForTimeout(200)
  const { violations, passes } = await page.evaluate<{
    violations: { id: string; nodes: { html: string }[] }[]
    passes: unknown[]
  }>('(() => axe.run())()')
  if (passes.length < 10) return ['axe looked at next to nothing']
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

for (const scheme of ['light', 'dark'] as const) {
  t.test(`axe has no complaint of any page, in ${scheme}`, async (t) => {
    const ledger = await decided(t)
    const page = await openConsole(t, ledger, '', { scheme })
    await page.context().addInitScript({ path: axe })
    for (const [name, hash] of Object.entries(pages)) {
      await page.goto('about:blank')
      await page.goto(`http://127.0.0.1:${ledger.port}/${hash}`)
      await page.locator('main:not([aria-busy]) h1').waitFor()
      for (const folded of await page.locator('summary').all()) await folded.click()
      t.strictSame(await complaints(page), [], name)
    }
    await page.goto(`http://127.0.0.1:${ledger.port}/#/contact/3`)
    await page.getByRole('button', { name: 'Block 717171' }).click()
    await page.getByText('would become').waitFor()
    t.strictSame(await complaints(page), [], 'the dialog of a correction')
  })
}

t.test('all is done with the keyboard', async (t) => {
  const page = await openConsole(t, await decided(t))
  const press = (key: string, times = 1) =>
    Array.from({ length: times }).reduce<Promise<void>>(
      (before) => before.then(() => page.keyboard.press(key)),
      Promise.resolve()
    )
  const focused = () =>
    page.evaluate<string>(`(() => {
      const { activeElement: at } = document
      return at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent
    })()`)
  const tabTo = async (name: RegExp) => {
    for (let tries = 0; tries < 80; tries++) {
      await press('Tab')
      if (name.test(await focused())) return
    }
    t.fail(`${name} can't be reached`)
  }

  await page.reload()
  await page.locator('main:not([aria-busy]) h1').waitFor()
  t.equal(await focused(), 'The ledger', 'a page begins at its heading')
  await press('Shift+Tab', 3)
  t.match(await focused(), /^Find an email/)
  await page.keyboard.type('george@hillvalley.edu')
  await press('Enter')
  await page.getByText('Primary: contact 3').waitFor()
  t.equal(await focused(), 'Contact 3 and whose it is')
  await tabTo(/^Show the identity as of/)
  await press('ArrowLeft')
  await page.waitForURL('**asOf=*')
  await press('End')
  await page.waitForURL('**/#/contact/3')
  await page.locator('main:not(:has([aria-busy]))').waitFor()
  await tabTo(/^Larger$/)
  await tabTo(/^Pick contact 3$/)
  await press('Space')
  await tabTo(/^Pick contact 4$/)
  await press('Space')
  await tabTo(/^Why are contacts 3 and 4/)
  await press('Enter')
  await page.getByText('Step 1 of 2').waitFor()
  await tabTo(/^Next step$/)
  await press('Enter')
  t.ok(await page.getByText('Step 2 of 2').isVisible())
  await press('Enter')
  t.equal(await focused(), 'Next step', 'the last step keeps the focus')
})

t.test('nothing is wider than a phone', async (t) => {
  const ledger = await decided(t)
  const page = await openConsole(t, ledger, '', { width: 360, height: 740 })
  const width = () => page.evaluate('document.documentElement.scrollWidth')
  for (const [name, hash] of Object.entries(pages)) {
    await page.goto(`http://127.0.0.1:${ledger.port}/${hash}`)
    await page.locator('main:not([aria-busy]) h1').waitFor()
    t.equal(await width(), 360, name)
  }
  await page.goto(`http://127.0.0.1:${ledger.port}/#/contact/3`)
  await page.getByRole('button', { name: 'Block 717171' }).click()
  await page.getByText('would become').waitFor()
  t.equal(await width(), 360, 'the dialog of a correction')
})
