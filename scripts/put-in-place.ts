import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'

/** Gives a finished file its name, so that under this name there is all of it or nothing, on disk. */
export function putInPlace(part: string, path: string) {
  sync(part)
  renameSync(part, path)
  sync(dirname(path))
}

/** Has the disk keep a file, or the names in a folder. */
export function sync(path: string) {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
