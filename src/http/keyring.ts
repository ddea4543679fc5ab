import { hash, timingSafeEqual } from 'node:crypto'
import { type Static, Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { LedgerError } from '../domain/errors.ts'

/** What keys may be good for: `admin` for everything. */
export const scopes = ['identify', 'read', 'decide', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** What something needs of whoever asks for it: a scope, any key whatsoever, or none. */
export type Needs = Scope | 'any' | 'none'

/** What tells a token of ours from every other secret: to people, and to programs that look for leaks. */
export const tokenPrefix = 'idl_'

const nameForm = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$/

/** Whether a key may be called so: its name stands in the log of events and in that of the service. */
export function isKeyName(text: string): boolean {
  return nameForm.test(text)
}

/** A key as it is kept: of its token only the SHA-256, which a random token of 256 bits can't be guessed from. */
const StoredKey = Type.Object(
  {
    name: Type.String({ pattern: nameForm.source }),
    scopes: Type.Array(Type.Union(scopes.map((scope) => Type.Literal(scope)))),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    createdAt: Type.String()
  },
  { additionalProperties: false }
)
export type StoredKey = Static<typeof StoredKey>

const KeyFile = Type.Object({ keys: Type.Array(StoredKey) }, { additionalProperties: false })
const check = TypeCompiler.Compile(KeyFile)

/** Reads the text of a key file. Throws `invalid`, and never repeats what the text says. */
export function parseKeys(text: string): readonly StoredKey[] {
  const file = parsed(text)
  if (!check.Check(file)) {
    const at = check.Errors(file).First()?.path
    throw new LedgerError('invalid', `The key file is damaged${at ? ` at ${at}` : ''}.`)
  }
  const seen = new Set<string>()
  const twice = file.keys.find(({ name }) => seen.size === seen.add(name).size)?.name
  if (twice === undefined) return file.keys
  throw new LedgerError('invalid', `The key file has two keys named ${twice}.`)
}

/** The text of a key file. */
export function keysText(keys: readonly StoredKey[]): string {
  return `${JSON.stringify({ keys }, null, 2)}\n`
}

/** What is kept of a token, in hex. */
export function digestOf(token: string): string {
  return hash('sha256', token)
}

/** A key in the hands of whoever asks. */
export type Key = { readonly name: string; readonly scopes: readonly Scope[] }

/** Finds the key whose token an `Authorization` header carries; null when there is none. */
export type KeyOf = (authorization: string | undefined) => Key | null

/**
 * A finder in these keys. It looks for the digest of what was sent, which nobody can choose, so how
 * long that takes tells nothing of a token; what is found is then compared in constant time.
 */
export function keyring(keys: readonly StoredKey[]): KeyOf {
  const known = new Map(keys.map((key) => [key.sha256, { key, bytes: Buffer.from(key.sha256) }]))
  return (authorization) => {
    const [, token] = bearer.exec(authorization ?? '') ?? []
    if (token === undefined) return null
    const digest = digestOf(token)
    const found = known.get(digest)
    return found && timingSafeEqual(found.bytes, Buffer.from(digest)) ? found.key : null
  }
}

const bearer = new RegExp(`^Bearer +(${tokenPrefix}[\\w-]{43})$`, 'i')

/** Whether a key is good for something that needs this. */
export function covers(key: Key, needs: Needs): boolean {
  if (needs === 'any' || needs === 'none') return true
  return key.scopes.includes(needs) || key.scopes.includes('admin')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
