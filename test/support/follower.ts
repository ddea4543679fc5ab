import { type IncomingMessage, request } from 'node:http'
import type { PublishedEvent } from '../../src/published-event.ts'

/** A client of Server-Sent Events: what it was told, and where it stands. */
export type Follower = {
  readonly response: IncomingMessage
  /** All that was sent, as text. */
  readonly text: string
  readonly events: readonly PublishedEvent[]
  /** The last id that a whole block gave; null before the first. */
  readonly lastEventId: string | null
  /** Resolves once this holds, true; false when the stream ended before. */
  until(holds: (follower: Follower) => boolean): Promise<boolean>
  /** Hangs up. */
  cut(): void
  /** Resolves with the end: whether the server brought it about in good order. */
  readonly ended: Promise<boolean>
}

export type FollowOptions = {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** After how many bytes the connection breaks; what comes after them is lost. */
  readonly cutAfter?: number
}

/** Follows a service's events; it holds no more than one connection. */
export async function follow(
  port: number,
  { path = '/events', headers = {}, cutAfter = Number.POSITIVE_INFINITY }: FollowOptions = {}
): Promise<Follower> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const accept = { accept: 'text/event-stream' }
    const asked = request({ port, path, agent: false, headers: { ...accept, ...headers } }, resolve)
    asked.on('error', reject)
    asked.end()
  })
  let bytes = Buffer.alloc(0)
  let read = 0
  let [text, lastEventId]: [string, string | null] = ['', null]
  const events: PublishedEvent[] = []
  const waiting = new Set<() => void>()

  function take(chunk: Buffer) {
    bytes = Buffer.concat([bytes, chunk]).subarray(0, cutAfter)
    text = bytes.toString()
    for (let end = text.indexOf('\n\n', read); end >= 0; end = text.indexOf('\n\n', read)) {
      hear(text.slice(read, end))
      read = end + 2
    }
    if (bytes.length >= cutAfter) response.destroy()
    for (const look of waiting) look()
  }

  /** One block, as WHATWG HTML, section 9.2.6, has it interpreted. */
  function hear(block: string) {
    const fields = new Map(
      block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string])
    )
    lastEventId = fields.get('id') ?? lastEventId
    const data = fields.get('data')
    if (data === undefined) return
    const event: PublishedEvent = JSON.parse(data)
    if (fields.get('event') !== event.type) throw new Error(`the event's name is wrong: ${block}`)
    if (fields.get('id') !== String(event.position)) throw new Error(`the id is wrong: ${block}`)
    events.push(event)
  }

  response.on('error', () => {})
  const ended = new Promise<boolean>((resolve) => {
    response.on('close', () => resolve(response.complete))
  })
  const follower: Follower = {
    response,
    ended,
    get text() {
      return text
    },
    events,
    get lastEventId() {
      return lastEventId
    },
    cut: () => void response.destroy(),
    until(holds) {
      return new Promise((resolve) => {
        const look = () => {
          if (!holds(follower)) return
          waiting.delete(look)
          resolve(true)
        }
        waiting.add(look)
        look()
        void ended.then(() => resolve(holds(follower)))
      })
    }
  }
  response.on('data', take)
  return follower
}
