import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Test } from 'tap'
import { keys } from '../../scripts/keys.ts'
import { readConfig } from '../../src/config.ts'
import type { Scope } from '../../src/http/keyring.ts'
import { freshFolder } from './process.ts'

/** A key file of a test's own, changed by the command line's own verb. */
export type KeyFile = {
  readonly path: string
  /** Makes a key and tells its token. */
  add(name: string, ...scopes: Scope[]): Promise<string>
  revoke(name: string): Promise<void>
}

export function keyFile(t: Test): KeyFile {
  const path = join(freshFolder(t), 'keys.json')
  const run = async (action: string, name: string, scope?: string) => {
    const [out, err] = [new PassThrough({ encoding: 'utf8' }), new PassThrough()]
    const io = { out, err, config: () => readConfig({ API_KEYS_FILE: path }) }
    await keys.run(io, { scope }, action, name)
    return String(out.read()).trim()
  }
  return {
    path,
    add: (name, ...scopes) => run('add', name, scopes.join(',')),
    revoke: async (name) => void (await run('revoke', name))
  }
}

/** What a request sends that holds a token. */
export function bearing(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}
