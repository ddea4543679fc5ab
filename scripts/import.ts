import { importFile } from './import/import-file.ts'
import { describeOptions, readAsked } from './import/options.ts'
import { told } from './import/told.ts'
import { withProgress } from './progress.ts'
import { exit, print, printJson, type Verb } from './verb.ts'

/** How a process ends that a signal ended: the number of the signal and 128. */
const signals = { SIGINT: 130, SIGTERM: 143 } as const

/** Records the rows of a file. */
export const importVerb: Verb = {
  describe: (command) =>
    describeOptions(
      command
        .summary('record the rows of a file')
        .description(
          'Records the rows of a CSV, TSV or NDJSON file, gzipped or not. A row with one email, one phone number or both becomes one observation; a row with more becomes several, which link all of its values if it has both kinds. Columns are guessed from their names where that is clear. Rejected rows go to a file of their own, and the import goes on. Interrupted and started again, it goes on where it was; the same file again records nothing. Works through the server that has the ledger open, at HOST and PORT, or directly if there is none.'
        )
        .argument('<file>', 'the rows, or - for standard input')
    ),

  async run(io, options, file = '') {
    const asked = readAsked(options, file)
    const config = io.config()
    const stopping = new AbortController()
    let code: number = exit.no
    const stop = (signal: keyof typeof signals) => {
      code = signals[signal]
      stopping.abort()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
    try {
      const came = await withProgress(
        io,
        'import',
        (watch) => importFile({ io, config, path: file, asked, watch, signal: stopping.signal }),
        'bytes'
      )
      if (came === null) return code
      if (asked.json) printJson(io, came)
      else print(io, ...told(came))
      return exit.done
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
    }
  }
}
