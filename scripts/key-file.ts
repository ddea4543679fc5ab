import {
  closeSync,
  openSync,
  readFileSync,
  rmSync,
  unwatchFile,
  watchFile,
  writeFileSync
} from 'node:fs'
import type { FastifyBaseLogger } from 'fastify'
import { LedgerError } from '../src/domain/errors.ts'
import { codeOf } from '../src/error-code.ts'
import { type KeyOf, keyring, keysText, parseKeys, type StoredKey } from '../src/http/keyring.ts'
import { diskFault } from './disk-fault.ts'
import { putInPlace } from './put-in-place.ts'

/** How often the file is looked at, in ms. */
const interval = 1_000

/** The keys of a file; none when there is no such file. Throws `invalid`, `unavailable`. */
export function readKeys(path: string): readonly StoredKey[] {
  try {
    return parseKeys(readFileSync(path, 'utf8'))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw diskFault(error, `The key file ${path} can't be read`)
  }
}

/**
 * Changes the keys of a file: all of the change or nothing is on disk, for this user's eyes only.
 * Throws `conflict` when another process is at it, and what `change` throws.
 */
export function changeKeys(
  path: string,
  change: (keys: readonly StoredKey[]) => readonly StoredKey[]
) {
  const part = `${path}.part`
  try {
    closeSync(openSync(part, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw diskFault(error, `The key file ${path} can't be written`)
    throw new LedgerError(
      'conflict',
      `Another process is changing the keys; if none is, remove ${part}.`
    )
  }
  try {
    writeFileSync(part, keysText(change(readKeys(path))))
    putInPlace(part, path)
  } catch (error) {
    rmSync(part, { force: true })
    throw diskFault(error, `The key file ${path} can't be written`)
  }
}

/** Keys that follow their file. */
export type WatchedKeys = { readonly keyOf: KeyOf; close(): void }

/**
 * Takes the keys of a file, and those that it has later, within a second or two. A file that turns
 * out damaged changes nothing, so that a slip of the pen does not lock everybody out; a file that is
 * gone takes all keys with it. Throws `invalid` when it is missing or damaged at the start.
 */
export function watchKeys(path: string, logger: FastifyBaseLogger): WatchedKeys {
  let keyOf = keyring(firstKeys(path))
  const look = () => {
    try {
      const keys = readKeys(path)
      keyOf = keyring(keys)
      logger.info({ keys: keys.length }, 'reloaded the keys')
      if (keys.length === 0) logger.warn('there are no keys any more; nobody is let in')
    } catch (error) {
      logger.error({ reason: String(error) }, 'the key file can’t be read; the previous keys apply')
    }
  }
  watchFile(path, { interval, persistent: false }, look)
  return { keyOf: (authorization) => keyOf(authorization), close: () => unwatchFile(path, look) }
}

function firstKeys(path: string): readonly StoredKey[] {
  const keys = readKeys(path)
  if (keys.length > 0) return keys
  throw new LedgerError('invalid', 'The settings are wrong.', [
    {
      path: 'API_KEYS_FILE',
      message: `must name a file with keys, but ${path} has none. Make one: ledger keys add NAME --scope identify,read`
    }
  ])
}
