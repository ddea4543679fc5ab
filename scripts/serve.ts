import pino from 'pino'
import { exit, type Verb } from './verb.ts'

/** How long lines wait for those on their way, where nobody takes these, in ms. */
const patience = 1_000

/** Serves the ledger over HTTP until it is told to stop, or can't go on. */
export const serve: Verb = {
  describe: (command) =>
    command
      .summary('serve the ledger over HTTP')
      .description(
        'Serves the ledger over HTTP until SIGINT or SIGTERM.\nSettings come from the environment: HOST, PORT, LEDGER_DIR, LOG_LEVEL, PHONE_REGION, API_KEYS_FILE, RATE_LIMIT.'
      ),

  async run(io) {
    // The other verbs start in half the time without all that only a server needs.
    const { startService } = await import('./service.ts')
    const config = io.config()
    // Lines are written many at a time, since each write costs the loop as much as a request does;
    // not more than 4 KB, since the destination measures all that waits with each line.
    const destination = pino.destination({ sync: false, minLength: 4_000, periodicFlush: 100 })
    const logger = pino({ level: config.logLevel, base: null }, destination)
    // Told before it listens, it still ends in good order: to begin takes a while.
    const told = new Promise<'told'>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
          logger.info({ signal }, 'stopping')
          resolve('told')
        })
      }
    })
    const running = await startService(config, logger).finally(() => writeOut(destination))
    const end = await Promise.race([told, running.broken])
    try {
      await running.stop()
      logger.info('stopped')
    } finally {
      await writeOut(destination)
    }
    if (end === 'told') return exit.done
    throw end
  }
}

/** Writes all lines that wait, after those on their way: a synchronous write alone would overtake them. */
async function writeOut(destination: ReturnType<typeof pino.destination>) {
  await new Promise<void>((written) => {
    const late = setTimeout(written, patience)
    destination.flush(() => {
      clearTimeout(late)
      written()
    })
  })
  destination.flushSync()
}
