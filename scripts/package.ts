import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of this package, whose scripts stand in `dist` too once they are built. */
const root = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '..' : '../..')

/** Where the built console is. */
export const consoleFolder = join(root, 'dist/console')

/** The version of this package, as its own description has it. */
export function version(): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
}
