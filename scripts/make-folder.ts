import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder, and those above it that are lacking; tells the topmost that it made, undefined where all
 * were there. One by one: where the system says of a new folder that there is no such file, as below
 * /proc, Node's own recursive way tries again without end. Throws what the system does.
 */
export function makeFolder(folder: string): string | undefined {
  const path = resolve(folder)
  if (isFolder(path)) return undefined
  const above = makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder(path)) throw error
  }
  return above ?? path
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
