import { verify as verifyLedger } from '../projections/verify.ts'
import { withProgress } from './progress.ts'
import { exit, print, printJson, type Verb } from './verb.ts'
import { filesOf, readLog } from './wiring.ts'

/** Checks the log and the read model against each other and against every invariant. */
export const verify: Verb = {
  describe: (command) =>
    command
      .summary('check the log, the invariants and the read model')
      .description(
        'Checks that the log is whole, that every invariant holds, and that the read model shows what follows from the log. Writes nothing; safe beside a running server.'
      )
      .option('--json', 'print {"ok", "events", "digest", "problems"}'),

  async run(io, { json }) {
    const config = io.config()
    const log = readLog(config)
    try {
      const verdict = await withProgress(io, 'verify', (watch) =>
        verifyLedger(log, filesOf(config).readModel, watch)
      )
      const { ok, events, digest, problems } = verdict
      if (json) printJson(io, verdict)
      else if (ok) print(io, `The ledger is sound: ${events} events.`, `digest ${digest}`)
      else print(io, `The ledger is not sound (${events} events):`, ...problems)
      return ok ? exit.done : exit.no
    } finally {
      await log.close()
    }
  }
}
