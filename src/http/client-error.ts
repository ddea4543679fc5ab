import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ownPace } from './own-pace.ts'
import { problem } from './problem.ts'

/** What Node's parser refuses before there is a request, by its code. */
const refusals: Readonly<Record<string, { status: number; detail: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request took too long to arrive.' },
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The headers are too large.' }
}

/**
 * Answers bytes that are no HTTP request with problem details, and hangs up; `refused` is told the
 * status.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  refused: (status: number) => void = () => {}
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (!socket.writable) return void socket.destroy()
  // Whole requests before it on this connection are answered first. Node keeps the response under way in
  // this field, and its own handler looks there too.
  const { _httpMessage: underWay } = socket as Socket & { _httpMessage?: ServerResponse | null }
  if (underWay?.req.complete) {
    return void underWay.once('close', () => answerClientError(error, socket, refused))
  }
  if (underWay && error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && ownPace.has(underWay.req)) return
  if (underWay?.headersSent) return void socket.destroy()
  const { status, detail } = refusals[error.code ?? ''] ?? {
    status: 400,
    detail: 'This is not a valid HTTP request.'
  }
  refused(status)
  const told = problem(status, detail)
  const body = JSON.stringify(told)
  socket.write(
    [
      `HTTP/1.1 ${status} ${told.title}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body
    ].join('\r\n')
  )
  // A client that does not hang up itself must not hold up the end of the service.
  socket.destroySoon()
}
