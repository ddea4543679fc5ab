import { join } from 'node:path'

/** Where the built console is: beside these scripts once they are built too, else in `dist`. */
export function consoleFolder(): string {
  const root = join(import.meta.dirname, '..')
  return import.meta.filename.endsWith('.ts') ? join(root, 'dist/console') : join(root, 'console')
}
