import { createWriteStream, rmSync, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { LedgerError } from '../src/domain/errors.ts'
import { diskFault } from './disk-fault.ts'
import { putInPlace } from './put-in-place.ts'
import type { Io } from './verb.ts'

/** Where output goes that is asked for: a file, which may stand in place of another with `force`. */
export type Target = { readonly file: string | undefined; readonly force: boolean }

/**
 * Writes pieces of text to standard output or to a file, no faster than they are taken. A file is
 * there once it is whole. Throws `conflict` when there is one already, `unavailable` when it can't be
 * written.
 */
export async function writeOut(
  io: Io,
  { file, force }: Target,
  pieces: () => AsyncIterable<string>
): Promise<void> {
  if (file === undefined) return pipeline(Readable.from(pieces()), io.out, { end: false })
  mustBeFree(file, force)
  const part = `${file}.part`
  try {
    await pipeline(Readable.from(pieces()), createWriteStream(part))
    putInPlace(part, file)
  } catch (error) {
    rmSync(part, { force: true })
    throw diskFault(error, `${file} can't be written`)
  }
}

function mustBeFree(file: string, force: boolean) {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isFile())
    throw new LedgerError('conflict', `${file} exists and is not a regular file.`)
  if (force) return
  throw new LedgerError('conflict', `${file} already exists; --force replaces it.`)
}
