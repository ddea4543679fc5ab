import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { LedgerError } from '../../src/domain/errors.ts'
import { codeOf } from '../../src/error-code.ts'
import { diskFault } from '../disk-fault.ts'
import { peek } from './peek.ts'

/** What is imported, in bytes: a file, or what comes through a pipe and can be read only once. */
export type Source = {
  readonly name: string
  /** How long it is, and what tells its content from any other; null for a pipe. */
  readonly file: { readonly size: number; readonly fingerprint: string } | null
  /** Its bytes, unpacked where they are packed; `onRead` is told how many were read so far. */
  read(onRead?: (bytes: number) => void): AsyncIterable<Buffer>
}

/** How much is read at once, in bytes. */
const portion = 256 * 1024

/**
 * Opens a file by its path, or standard input as `-`; an aborted signal ends the reading wherever it
 * is. Throws `invalid` where there is none.
 */
export async function openSource(path: string, signal: AbortSignal): Promise<Source> {
  const found = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false })
  if (path !== '-' && (found === undefined || found.isDirectory())) {
    throw new LedgerError('invalid', `There is no file ${path}.`)
  }
  const name = path === '-' ? 'standard input' : path
  if (found === undefined || !found.isFile()) {
    const input = path === '-' ? process.stdin : createReadStream(path)
    // A pipe may stand still, so that nobody comes to see the signal.
    signal.addEventListener('abort', () => input.destroy())
    return { name, file: null, read: (onRead) => unpacked(name, input, signal, onRead) }
  }
  const { size } = found
  // What is appended to it meanwhile belongs to another import.
  const input = () =>
    size === 0
      ? Readable.from([])
      : createReadStream(path, { end: size - 1, highWaterMark: portion })
  const fingerprint = await hashOf(counted(name, input(), signal))
  return {
    name,
    file: { size, fingerprint },
    read: (onRead) => unpacked(name, input(), signal, onRead)
  }
}

async function hashOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

async function* unpacked(
  name: string,
  input: Readable,
  signal: AbortSignal,
  onRead?: (bytes: number) => void
): AsyncGenerator<Buffer> {
  const { head, whole } = await peek(
    counted(name, input, signal, onRead),
    ({ length }) => length >= 2
  )
  if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* whole
  const unpacking = pipeline(Readable.from(whole), createGunzip({ chunkSize: portion }), () => {})
  try {
    for await (const piece of unpacking) yield piece as Buffer
  } catch (error) {
    if (signal.aborted) return
    if (!codeOf(error).startsWith('Z_')) throw error
    throw new LedgerError('unavailable', `${name} can't be unpacked: it is damaged or cut off.`)
  }
}

async function* counted(
  name: string,
  input: Readable,
  signal: AbortSignal,
  onRead?: (bytes: number) => void
): AsyncGenerator<Buffer> {
  let bytes = 0
  try {
    for await (const piece of input) {
      bytes += piece.length
      onRead?.(bytes)
      yield piece as Buffer
    }
  } catch (error) {
    if (signal.aborted) return
    throw diskFault(error, `${name} can't be read`)
  }
}
