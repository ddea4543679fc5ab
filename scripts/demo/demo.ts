import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { readConfig } from '../../src/config.ts'
import { startService } from '../service.ts'
import { demonstrate } from './demonstration.ts'

// Serves a ledger made up for the occasion, in a folder of its own that is gone afterwards.
const ledgerDir = mkdtempSync(join(tmpdir(), 'identity-ledger-demo-'))
process.once('exit', () => rmSync(ledgerDir, { recursive: true, force: true }))
const config = { ...readConfig(process.env), ledgerDir }
await demonstrate(config, Date.now())
const running = await startService(config, pino({ level: 'warn', base: null }))
process.stderr.write(
  `A demonstration ledger is served at ${running.url}; it is gone when this ends (Ctrl-C).\n`
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void running.stop())
}
