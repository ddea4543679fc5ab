import { closeSync, fsyncSync, openSync } from 'node:fs'

/**
 * Waits until a file, or the names in a folder, are on disk. Not for a database that a connection of
 * this process has open: to close any descriptor of a file lets go of all of the process's locks on it.
 */
export function sync(path: string) {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
