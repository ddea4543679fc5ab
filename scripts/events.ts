import { pages } from '../src/log/event-log.ts'
import { publish } from '../src/published-event.ts'
import { exit, type Verb } from './verb.ts'
import { wholeNumber } from './whole-number.ts'
import { readLog } from './wiring.ts'

/** Prints the log. */
export const events: Verb = {
  describe: (command) =>
    command
      .summary('print the log, oldest event first')
      .description(
        'Prints the events of the log in their order, one JSON object a line. Safe beside a running server.'
      )
      .option('--after <position>', 'only events after this position', '0')
      .option('--limit <number>', 'at most this many events')
      .option('--json', 'print one document: {"events": [...], "next"}'),

  async run(io, { json, after, limit }) {
    const from = wholeNumber('position', String(after), 0)
    const most = limit === undefined ? undefined : wholeNumber('limit', String(limit), 0)
    const log = readLog(io.config())
    try {
      const head = await log.head()
      const end = Math.max(from, Math.min(head, from + (most ?? head)))
      let separator = json ? '{"events":[' : ''
      const between = json ? ',' : '\n'
      for await (const page of pages(log, from, end)) {
        for (const recorded of page) {
          const more = io.out.write(separator + JSON.stringify(publish(recorded)))
          separator = between
          if (!more) await new Promise((resolve) => io.out.once('drain', resolve))
        }
      }
      const next = end < head ? end : null
      if (json) io.out.write(`${separator === between ? '' : separator}],"next":${next}}\n`)
      else if (separator === between) io.out.write('\n')
      return exit.done
    } finally {
      await log.close()
    }
  }
}
