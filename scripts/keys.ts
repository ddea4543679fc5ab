import { randomBytes } from 'node:crypto'
import { Argument } from 'commander'
import { LedgerError } from '../src/domain/errors.ts'
import { digestOf, isKeyName, type Scope, scopes, tokenPrefix } from '../src/http/keyring.ts'
import { changeKeys, readKeys } from './key-file.ts'
import { exit, type Io, type Options, print, printJson, type Verb } from './verb.ts'

/** Makes, lists and revokes the keys of a service. */
export const keys: Verb = {
  describe: (command) =>
    command
      .summary('make, list and revoke the keys of the service')
      .description(
        'Makes, lists and revokes the keys in API_KEYS_FILE. A running service picks up changes within two seconds. "add" prints the token of the new key, this once; only its SHA-256 is stored.'
      )
      .addArgument(new Argument('<action>', 'what to do').choices(Object.keys(actions)))
      .argument(
        '[name]',
        'the name of the key to add or revoke; recorded as the actor of its decisions'
      )
      .option(
        '--scope <scopes>',
        `the scopes of a new key: ${scopes.join(', ')} (everything); comma-separated or repeated; without any, the key opens only /metrics`,
        (more: string, before?: string) => (before === undefined ? more : `${before},${more}`)
      )
      .option('--json', 'print {"name", "scopes", "createdAt", "token"}, or {"keys": [...]}'),

  async run(io, options, action = '', name) {
    const path = io.config().apiKeysFile
    if (path === null) {
      throw new LedgerError('invalid', 'The settings are wrong.', [
        { path: 'API_KEYS_FILE', message: 'must name the file of the keys' }
      ])
    }
    actions[action]?.(io, path, options, name)
    return exit.done
  }
}

type Action = (io: Io, path: string, options: Options, name: string | undefined) => void

const actions: Readonly<Record<string, Action>> = { add, list, revoke }

function add(io: Io, path: string, { scope, json }: Options, given: string | undefined) {
  const name = named(given)
  const granted = scopesIn(typeof scope === 'string' ? scope : '')
  const token = `${tokenPrefix}${randomBytes(32).toString('base64url')}`
  const createdAt = new Date(Date.now()).toISOString()
  const key = { name, scopes: granted, sha256: digestOf(token), createdAt }
  changeKeys(path, (keys) => {
    if (keys.every((one) => one.name !== name)) return [...keys, key]
    throw new LedgerError('conflict', `There is a key named ${name} already.`)
  })
  io.err.write(`The token of ${name} (${inWords(granted)}); it is not shown again:\n`)
  if (json) printJson(io, { name, scopes: granted, createdAt, token })
  else print(io, token)
}

function list(io: Io, path: string, { json }: Options) {
  const keys = readKeys(path).map(({ name, scopes, createdAt }) => ({ name, scopes, createdAt }))
  if (json) return printJson(io, { keys })
  print(
    io,
    ...keys.map(({ name, scopes, createdAt }) => `${name}  ${inWords(scopes)}  ${createdAt}`)
  )
}

function revoke(io: Io, path: string, { json }: Options, given: string | undefined) {
  const name = named(given)
  changeKeys(path, (keys) => {
    const kept = keys.filter((one) => one.name !== name)
    if (kept.length < keys.length) return kept
    throw new LedgerError('not_found', `There is no key named ${name}.`)
  })
  if (json) printJson(io, { name })
  else print(io, `The key ${name} is revoked.`)
}

function named(name: string | undefined): string {
  if (name !== undefined && isKeyName(name)) return name
  throw new LedgerError(
    'invalid',
    'A key must have a name: 1 to 100 Latin letters, digits, blanks, dots, dashes and underscores, beginning with a letter or digit.'
  )
}

function scopesIn(text: string): Scope[] {
  const words = text.split(',').map((word) => word.trim())
  return [...new Set(words.filter((word) => word !== ''))].map((word) => {
    const scope = scopes.find((one) => one === word)
    if (scope !== undefined) return scope
    throw new LedgerError('invalid', `The scopes are ${scopes.join(', ')}; there is no "${word}".`)
  })
}

function inWords(granted: readonly Scope[]): string {
  return granted.length === 0 ? 'no scope' : granted.join(', ')
}
