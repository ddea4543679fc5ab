import type { CountryCode } from 'libphonenumber-js/max'
import { LedgerError, type Problem } from './domain/errors.ts'
import { isRegion } from './phone-region.ts'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The settings of a service, checked. */
export type Config = {
  readonly host: string
  readonly port: number
  readonly ledgerDir: string
  readonly logLevel: (typeof logLevels)[number]
  readonly phoneRegion: CountryCode | null
  /** The file of the keys that the service takes; null for a service without. */
  readonly apiKeysFile: string | null
  /** How many requests of one key, or of one address without, are answered a minute; null for any number. */
  readonly rateLimit: number | null
  /** What the command line shows to a server that takes keys. */
  readonly token: string | null
}

/**
 * Reads the settings from an environment; what is unset or empty has its default.
 * Throws `invalid` with everything that is wrong at once.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: Problem[] = []
  const setting = <T>(
    name: string,
    unset: T,
    read: (text: string) => T | undefined,
    expected: string
  ) => {
    const text = env[name]?.trim()
    if (text === undefined || text === '') return unset
    const value = read(text)
    if (value !== undefined) return value
    problems.push({ path: name, message: `must be ${expected}, but is "${text}"` })
    return unset
  }

  const config: Config = {
    host: setting('HOST', '127.0.0.1', (text) => text, 'a host name or address'),
    port: setting('PORT', 3000, portNumber, 'a port number from 0 to 65535'),
    ledgerDir: setting('LEDGER_DIR', './data', (text) => text, 'a folder'),
    logLevel: setting(
      'LOG_LEVEL',
      'info',
      (text) => logLevels.find((level) => level === text.toLowerCase()),
      `one of ${logLevels.join(', ')}`
    ),
    phoneRegion: setting(
      'PHONE_REGION',
      null,
      (text) => {
        const code = text.toUpperCase()
        return isRegion(code) ? code : undefined
      },
      'a two-letter region that libphonenumber knows, such as US'
    ),
    apiKeysFile: setting('API_KEYS_FILE', null, (text) => text, 'a file'),
    rateLimit: setting('RATE_LIMIT', null, requestRate, 'a whole number from 1 to 999999999'),
    token: setting('LEDGER_TOKEN', null, (text) => text, 'a token')
  }
  if (problems.length === 0) return config
  throw new LedgerError('invalid', 'The settings are wrong.', problems)
}

/**
 * Throws `invalid` when a service would be open to other machines: without keys it must listen on a
 * loopback address.
 */
export function mustBeGuarded({ host, apiKeysFile }: Pick<Config, 'host' | 'apiKeysFile'>) {
  if (apiKeysFile !== null || isLoopback(host)) return
  throw new LedgerError(
    'invalid',
    'Anyone who can reach this address could read and change the ledger.',
    [
      {
        path: 'HOST',
        message: `must be 127.0.0.1, ::1 or localhost while there are no keys, but is "${host}". To serve other machines, set API_KEYS_FILE to a file and make a key in it: ledger keys add NAME --scope identify,read`
      }
    ]
  )
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function requestRate(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

function portNumber(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}
