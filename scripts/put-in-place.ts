import { renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { sync } from '../projections/sync.ts'

/** Gives a finished file its name, so that under this name there is all of it or nothing, on disk. */
export function putInPlace(part: string, path: string) {
  sync(part)
  renameSync(part, path)
  sync(dirname(path))
}
