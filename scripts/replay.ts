import { compare } from '../projections/check.ts'
import { digestOf } from '../projections/digest.ts'
import { rebuild } from '../projections/rebuild.ts'
import { snapshot } from '../projections/rows.ts'
import { withProgress } from './progress.ts'
import { secondsSince } from './seconds-since.ts'
import { exit, type Io, print, printJson, type Verb } from './verb.ts'
import { filesOf, holdLog, readLog } from './wiring.ts'

/** Rebuilds the read model from the log, or only compares it with a rebuild. */
export const replay: Verb = {
  describe: (command) =>
    command
      .summary('rebuild the read model from the log')
      .description(
        'Rebuilds the read model from the log, into a new file, and swaps it in. No server may have the ledger open.'
      )
      .option('--check', 'only compare the read model with a rebuild; safe beside a running server')
      .option('--json', 'print {"events", "seconds", "digest"}, with --check also "equal"'),

  async run(io, { check, json }) {
    return check ? compareOnly(io, json === true) : swapIn(io, json === true)
  }
}

async function swapIn(io: Io, json: boolean): Promise<number> {
  const config = io.config()
  const held = holdLog(config, { create: false })
  try {
    const started = performance.now()
    const events = await held.log.head()
    const { readModel } = filesOf(config)
    await withProgress(io, 'replay', (watch) => rebuild(held.log, readModel, events, watch))
    const { answer: digest } = snapshot(readModel, held.log.id, digestOf)
    const seconds = secondsSince(started)
    if (json) printJson(io, { events, seconds, digest })
    else print(io, `Rebuilt the read model from ${events} events in ${seconds} s.`, digest)
    return exit.done
  } finally {
    await held.close()
  }
}

async function compareOnly(io: Io, json: boolean): Promise<number> {
  const config = io.config()
  const log = readLog(config)
  try {
    const started = performance.now()
    const { events, digest, problem } = await withProgress(io, 'replay --check', (watch) =>
      compare(log, filesOf(config).readModel, watch)
    )
    const [seconds, equal] = [secondsSince(started), problem === null]
    if (json) printJson(io, { events, seconds, digest, equal })
    else {
      const verdict = problem ?? 'equals a rebuild'
      print(io, `The read model ${verdict} (${events} events, ${seconds} s).`, digest)
    }
    return equal ? exit.done : exit.no
  } finally {
    await log.close()
  }
}
