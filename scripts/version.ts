import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The version of this package, as its own description has it. */
export function version(): string {
  const root = import.meta.filename.endsWith('.ts') ? '..' : '../..'
  return JSON.parse(readFileSync(join(import.meta.dirname, root, 'package.json'), 'utf8')).version
}
