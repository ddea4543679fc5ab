import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Identity } from '../../src/domain/answer.ts'
import type { ProblemDetails } from '../../src/http/problem.ts'
import type { Receipt } from '../../src/receipt.ts'

/** An answer to a line of a batch. */
export type LineAnswer = {
  readonly line: number
  readonly status: number
  readonly identity?: Identity
  readonly primaryContactId?: number
  readonly receipt?: Receipt
  readonly problem?: ProblemDetails
}

/** A client of `POST /identify/batch`: what it was answered, and where it stands. */
export type BatchClient = {
  readonly sent: ClientRequest
  readonly answers: readonly LineAnswer[]
  /** Sends a line: a string or bytes as they are, anything else as JSON. */
  send(...lines: unknown[]): void
  /** Ends the body. */
  end(): void
  /** Resolves once so many answers are there, true; false when they ended before. */
  until(count: number): Promise<boolean>
  /** Takes no more answers, or takes them again. */
  pause(): void
  resume(): void
  /** Resolves with the end: the response, or null where the connection broke. */
  readonly ended: Promise<IncomingMessage | null>
}

export type BatchClientOptions = {
  readonly path?: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Begins a batch, over a connection of its own. */
export function batchTo(
  port: number,
  { path = '/identify/batch', type = 'application/x-ndjson', headers = {} }: BatchClientOptions = {}
): BatchClient {
  const answers: LineAnswer[] = []
  const waiting = new Set<() => void>()
  let [rest, over, paused] = ['', false, false]
  let response: IncomingMessage | undefined
  const look = () => {
    for (const one of waiting) one()
  }
  const sent = request({
    port,
    path,
    method: 'POST',
    agent: false,
    headers: { 'content-type': type, ...headers }
  })

  const ended = new Promise<IncomingMessage | null>((resolve) => {
    const finish = (whole: boolean) => {
      over = true
      look()
      resolve(whole && response !== undefined ? response : null)
    }
    sent.on('error', () => finish(false))
    sent.on('response', (incoming) => {
      response = incoming
      if (paused) incoming.pause()
      incoming.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) answers.push(JSON.parse(line))
        look()
      })
      incoming.on('error', () => finish(false))
      incoming.on('end', () => finish(incoming.complete))
    })
  })

  return {
    sent,
    answers,
    ended,
    send(...lines) {
      for (const line of lines) {
        const asIs = typeof line === 'string' || line instanceof Uint8Array
        sent.write(asIs ? line : `${JSON.stringify(line)}\n`)
      }
    },
    end: () => void sent.end(),
    pause() {
      paused = true
      response?.pause()
    },
    resume() {
      paused = false
      response?.resume()
    },
    until: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (answers.length < count && !over) return
          waiting.delete(check)
          resolve(answers.length >= count)
        }
        waiting.add(check)
        check()
      })
  }
}
