import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import type { Page } from 'playwright-core'
import { readConfig } from '../../src/config.ts'
import { startService } from '../service.ts'
import { startChromium } from './chromium.ts'
import { demonstrate } from './demonstration.ts'

// Makes the README's pictures from the demonstration ledger: the same day gives the same pictures.
const today = Date.parse('2026-11-22')
const folder = join(import.meta.dirname, '../../docs/screenshots')

type Picture = {
  readonly name: string
  readonly hash: string
  readonly height: number
  readonly width?: number
  readonly scheme?: 'light' | 'dark'
  /** What is done on the page before it is taken. */
  readonly prepare?: (page: Page) => Promise<unknown>
}

const pictures: readonly Picture[] = [
  { name: 'front', hash: '#/', height: 860 },
  { name: 'identity', hash: '#/contact/10', width: 1_080, height: 570 },
  {
    name: 'why',
    hash: '#/why?from=contact:9&to=contact:17&step=2',
    height: 900,
    scheme: 'dark'
  },
  {
    name: 'correction',
    hash: '#/contact/9',
    height: 700,
    async prepare(page) {
      await page.getByRole('button', { name: 'Block 717171' }).click()
      await page.getByText('would become').waitFor()
      await page.getByLabel('Your name').fill('ann')
      await page.getByLabel('Reason').fill('the two share a phone at work')
    }
  },
  { name: 'phone', hash: '#/contact/9', width: 390, height: 844 }
]

const ledgerDir = mkdtempSync(join(tmpdir(), 'identity-ledger-screenshots-'))
const config = { ...readConfig({ PORT: '0' }), ledgerDir }
await demonstrate(config, today)
const running = await startService(config, pino({ level: 'silent' }))
const browser = await startChromium()
try {
  mkdirSync(folder, { recursive: true })
  for (const { name, hash, width = 1_200, height, scheme = 'light', prepare } of pictures) {
    const page = await browser.newPage({
      viewport: { width, height },
      colorScheme: scheme,
      locale: 'en-GB',
      timezoneId: 'UTC'
    })
    await page.goto(`${running.url}/${hash}`)
    await page.locator('main:not([aria-busy]) h1').waitFor()
    await page.waitForTimeout(500)
    await prepare?.(page)
    const path = join(folder, `${name}.png`)
    await page.screenshot({ path })
    await page.close()
    process.stderr.write(`${path} (${statSync(path).size} bytes)\n`)
  }
} finally {
  await browser.close()
  await running.stop()
  rmSync(ledgerDir, { recursive: true })
}
