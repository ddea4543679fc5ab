import { Readable } from 'node:stream'
import type { Position, Recorded } from '../domain/event.ts'
import { type EventFilter, passes } from '../event-filter.ts'
import { publish } from '../published-event.ts'

/** How long a client that lost its stream waits before it comes back, in ms. */
const retry = 1_000

/** After how many events that it did not want a reader is told how far it has come. */
const stride = 1_000

export type EventStreamOptions = {
  readonly after: Position | 0
  readonly filter: EventFilter
  /** After how much silence the stream shows that it lives, in ms. */
  readonly heartbeat: number
}

/**
 * Events as Server-Sent Events (WHATWG HTML, section 9.2), read no faster than they are taken. An
 * id without data moves `Last-Event-ID` past events that are filtered out, so that a reader that
 * comes back goes on from there.
 */
export function eventStream(
  pages: AsyncIterable<readonly Recorded[]>,
  { after, filter, heartbeat }: EventStreamOptions
): Readable {
  async function* tell() {
    let at = after
    let told = after
    const beat = setInterval(() => {
      if (stream.readableLength > 0) return
      stream.push(`: alive\nid: ${at}\n\n`)
      told = at
    }, heartbeat)
    try {
      yield `retry: ${retry}\n\n`
      for await (const page of pages) {
        const wanted = page.filter(({ event }) => passes(filter, event))
        at = page.at(-1)?.position ?? at
        told = wanted.at(-1)?.position ?? told
        const lagging = at - told >= stride
        if (lagging) told = at
        else if (wanted.length === 0) continue
        beat.refresh()
        // No `await` may come between a change of `at` and its block: the heartbeat tells it too.
        yield wanted.map(block).join('') + (lagging ? `id: ${at}\n\n` : '')
      }
    } finally {
      clearInterval(beat)
    }
  }

  const stream = Readable.from(tell())
  return stream
}

/** The blocks of events that several streams tell at once. */
const blocks = new WeakMap<Recorded, string>()

function block(recorded: Recorded): string {
  const known = blocks.get(recorded)
  if (known !== undefined) return known
  const event = publish(recorded)
  const made = `id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
  blocks.set(recorded, made)
  return made
}
