import type { Config } from '../src/config.ts'
import type { ContactId, Position, Recorded } from '../src/domain/event.ts'
import { type EventPage, publishPage } from '../src/published-event.ts'
import { eventsAt } from '../src/questions.ts'
import { eventInWords } from './event-text.ts'
import { exit, print, printJson, type Verb } from './verb.ts'
import { wholeNumber } from './whole-number.ts'
import { ask, readLog } from './wiring.ts'

/** Tells what happened to the identity of a contact. */
export const history: Verb = {
  describe: (command) =>
    command
      .summary('show what happened to the identity of a contact')
      .description(
        'Shows what happened to the identity that holds a contact, oldest first: observations, merges, splits, and decisions. Exits with 1 when there is no such contact.'
      )
      .argument('<id>', 'the id of a contact')
      .option('--after <position>', 'only events after this position', '0')
      .option('--limit <number>', 'at most this many events', '100')
      .option('--json', 'print {"events": [...], "next"}'),

  async run(io, { json, after, limit }, given = '') {
    const id = wholeNumber('id', given, 1)
    const from = wholeNumber('position', String(after), 0)
    const most = wholeNumber('limit', String(limit), 1)
    const page = publishPage(await read(io.config(), id, from, most + 1), most)
    if (json) printJson(io, page)
    else print(io, ...told(page))
    return exit.done
  }
}

async function read(
  config: Config,
  contact: ContactId,
  after: Position | 0,
  limit: number
): Promise<readonly Recorded[]> {
  const positions = await ask(config, (view) => view.history(contact, after, limit))
  const log = readLog(config)
  try {
    return await eventsAt(log, positions)
  } finally {
    await log.close()
  }
}

function told({ events, next }: EventPage): string[] {
  return [
    ...events.map(eventInWords),
    ...(next === null ? [] : [`There is more: continue with --after ${next}.`])
  ]
}
