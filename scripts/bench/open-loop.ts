import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { quantile } from './figure.ts'

/** How many connections there are; a request that finds none free is not sent. */
const floodConnections = 8_192

/** How many of them are opened at once: no more than a server's backlog holds. */
const atOnce = 256

/** What became of requests that came at their own rate. */
export type Flood = {
  /** A second: those answered 200. */
  readonly answered: number
  /** A second: those answered 503. */
  readonly refused: number
  /** A second: those answered anything else, or not at all. */
  readonly failed: number
  /** A second: those that found no connection free. */
  readonly unsent: number
  /** In ms, of those answered 200, and of those refused. */
  readonly p99: number
  readonly p99Refused: number
}

/** A flood of requests to a server, over connections that are open already. */
export type Flooder = {
  /** Posts bodies to `/identify` at a rate, whatever becomes of those before them. */
  flood(next: () => string, perSecond: number, seconds: number): Promise<Flood>
  close(): void
}

/** Opens the connections for a flood. */
export async function flooder(url: string): Promise<Flooder> {
  const all: Connection[] = []
  while (all.length < floodConnections) {
    const more = Array.from({ length: atOnce }, () => connectionTo(new URL(url)))
    all.push(...(await Promise.all(more)))
  }
  const free = [...all]

  return {
    async flood(next, perSecond, seconds) {
      const [answered, refused]: [number[], number[]] = [[], []]
      let [failed, unsent, due] = [0, 0, 0]
      const send = (connection: Connection) =>
        connection.send(next(), (status, took) => {
          if (status === 200) answered.push(took)
          else if (status === 503) refused.push(took)
          else failed++
          if (status !== null) free.push(connection)
        })
      const started = performance.now()
      const elapsed = () => (performance.now() - started) / 1_000
      while (elapsed() < seconds) {
        for (const upTo = elapsed() * perSecond; due < upTo; due++) {
          const connection = free.pop()
          if (connection === undefined) unsent++
          else send(connection)
        }
        await wait(1)
      }
      const took = elapsed()
      return {
        answered: answered.length / took,
        refused: refused.length / took,
        failed: failed / took,
        unsent: unsent / took,
        p99: quantile(answered, 0.99),
        p99Refused: quantile(refused, 0.99)
      }
    },

    close() {
      for (const connection of all) connection.close()
    }
  }
}

type Connection = {
  /** Tells the status of the answer, null where there is none, and how long it took in ms. */
  send(body: string, told: (status: number | null, took: number) => void): void
  close(): void
}

/** A connection that sends one request at a time, and reads no more of an answer than it must. */
async function connectionTo({ hostname: host, port }: URL): Promise<Connection> {
  let waiting: ((status: number | null) => void) | null = null
  let text = ''
  const answered = (status: number | null) => {
    const told = waiting
    waiting = null
    text = ''
    told?.(status)
  }
  const socket = connect({ host, port: Number(port), noDelay: true }).setEncoding('latin1')
  await once(socket, 'connect')
  socket.on('data', (part: string) => {
    text += part
    const end = text.indexOf('\r\n\r\n')
    if (end === -1) return
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1])
    if (text.length >= end + 4 + length) answered(Number(text.slice(9, 12)))
  })
  socket.on('error', () => {}).once('close', () => answered(null))
  return {
    send(body, told) {
      const sent = performance.now()
      waiting = (status) => told(status, performance.now() - sent)
      const length = Buffer.byteLength(body)
      socket.write(
        `POST /identify HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`
      )
    },
    close: () => void socket.destroy()
  }
}
