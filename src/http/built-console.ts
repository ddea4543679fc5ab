import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

/** A file of the console, in memory. */
export type ConsoleFile = {
  readonly name: string
  readonly type: string
  readonly body: Buffer
  /** Changes with the content. */
  readonly etag: string
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8'
}

/** Reads all of a built console; null where there is none. */
export function readConsole(folder: string): readonly ConsoleFile[] | null {
  if (!existsSync(join(folder, 'index.html'))) return null
  return readdirSync(folder).map((name) => {
    const body = readFileSync(join(folder, name))
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    return { name, type: types[extname(name)] ?? 'text/plain; charset=utf-8', body, etag }
  })
}
