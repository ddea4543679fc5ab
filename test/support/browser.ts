import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'
import { startChromium } from '../../scripts/demo/chromium.ts'
import { type Served, serve } from './service.ts'

/** How a window is set up. */
export type WindowOptions = {
  readonly width?: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
  /** What shows that the page is there. */
  readonly waitFor?: string
}

/** A page that stands is at rest, under its heading. */
const atRest = 'main:not([aria-busy]) h1'

let browser: Promise<Browser> | null = null

/**
 * A window on a service's console. The test fails if the page asks another host for anything, throws,
 * or breaks its policy.
 */
export async function openConsole(
  t: Test,
  { port }: Pick<Served, 'port'>,
  hash = '',
  { width = 1_280, height = 900, scheme = 'light', waitFor = atRest }: WindowOptions = {}
): Promise<Page> {
  browser ??= startChromium()
  const context = await (await browser).newContext({
    viewport: { width, height },
    colorScheme: scheme,
    locale: 'en-GB',
    timezoneId: 'UTC'
  })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const origin = `http://127.0.0.1:${port}/`
  const wrong: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) wrong.push(`it asks ${request.url()}`)
  })
  page.on('pageerror', (error) => wrong.push(`it throws ${error.stack}`))
  page.on('console', (message) => {
    // What the service refuses is told on the page; the browser notes it too.
    const refused = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !refused) wrong.push(`it complains: ${message.text()}`)
  })
  t.teardown(async () => {
    await context.close()
    if (wrong.length > 0) throw new Error(`The page does what it must not: ${wrong.join('; ')}`)
  })
  await page.goto(`${origin}${hash}`)
  await page.locator(waitFor).waitFor()
  return page
}

/** A service with a ledger of its own, and a window on its console. */
export async function servedConsole(
  t: Test,
  fill: (ledger: Served) => Promise<unknown>,
  hash = ''
) {
  const ledger = await serve(t)
  await fill(ledger)
  const page = await openConsole(t, ledger, hash)
  return { ledger, page }
}

/** Ends the browser, once all is done. */
export async function closeBrowser() {
  await (await browser)?.close()
  browser = null
}
