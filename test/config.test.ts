import t from 'tap'
import { mustBeGuarded, readConfig } from '../src/config.ts'
import { LedgerError } from '../src/domain/errors.ts'

const defaults = {
  host: '127.0.0.1',
  port: 3000,
  ledgerDir: './data',
  logLevel: 'info',
  phoneRegion: null,
  apiKeysFile: null,
  rateLimit: null,
  token: null
}

t.test('every setting has a default', async (t) => {
  t.strictSame(readConfig({}), defaults, 'when it is unset')
  const blank = { HOST: '', PORT: ' ', LEDGER_DIR: '', LOG_LEVEL: '  ', PHONE_REGION: '' }
  t.strictSame(readConfig(blank), defaults, 'and when it is blank')
  t.strictSame(readConfig({ HOSTNAME: 'x', port: '1' }), defaults, 'whatever else is set')
})

t.test('every setting is taken from the environment', async (t) => {
  const env = {
    HOST: '::1',
    PORT: '0',
    LEDGER_DIR: '/var/lib/my ledger',
    LOG_LEVEL: 'silent',
    PHONE_REGION: 'US',
    API_KEYS_FILE: '/etc/keys.json',
    RATE_LIMIT: '600',
    LEDGER_TOKEN: 'idl_x'
  }
  t.strictSame(readConfig(env), {
    host: '::1',
    port: 0,
    ledgerDir: '/var/lib/my ledger',
    logLevel: 'silent',
    phoneRegion: 'US',
    apiKeysFile: '/etc/keys.json',
    rateLimit: 600,
    token: 'idl_x'
  })
})

t.test('case and blanks around a setting do not matter', async (t) => {
  const { port, logLevel, phoneRegion } = readConfig({
    PORT: ' 8080 ',
    LOG_LEVEL: 'Debug',
    PHONE_REGION: 'de'
  })
  t.strictSame(
    { port, logLevel, phoneRegion },
    { port: 8080, logLevel: 'debug', phoneRegion: 'DE' }
  )
})

/** What a wrong environment is refused with. */
function refusal(env: Record<string, string>): LedgerError {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof LedgerError) return error
    throw error
  }
  throw new Error('it was accepted')
}

t.test('one readable error tells all that is wrong', async (t) => {
  const { code, message, problems } = refusal({
    HOST: 'localhost',
    PORT: '80 80',
    LOG_LEVEL: 'loud',
    PHONE_REGION: 'USA'
  })
  t.equal(code, 'invalid')
  t.equal(message, 'The settings are wrong.')
  t.strictSame(
    problems.map(({ path, message }) => `${path} ${message}`),
    [
      'PORT must be a port number from 0 to 65535, but is "80 80"',
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, but is "loud"',
      'PHONE_REGION must be a two-letter region that libphonenumber knows, such as US, but is "USA"'
    ]
  )
})

t.test('a setting that means nothing is refused, not guessed', async (t) => {
  for (const PORT of ['65536', '-1', '3000.5', '0x10', '1e3', 'three', '٣', '000000']) {
    t.match(refusal({ PORT }).problems, [{ path: 'PORT', message: /^must be/ }], `PORT=${PORT}`)
  }
  for (const RATE_LIMIT of ['0', '-1', '1.5', '10/s', '1e3']) {
    t.match(refusal({ RATE_LIMIT }).problems, [{ path: 'RATE_LIMIT' }], `RATE_LIMIT=${RATE_LIMIT}`)
  }
  for (const LOG_LEVEL of ['verbose', '30', 'toString']) {
    t.match(refusal({ LOG_LEVEL }).problems, [{ path: 'LOG_LEVEL' }], `LOG_LEVEL=${LOG_LEVEL}`)
  }
  for (const PHONE_REGION of ['XX', 'U', '1', 'constructor', '__proto__']) {
    t.match(
      refusal({ PHONE_REGION }).problems,
      [{ path: 'PHONE_REGION' }],
      `PHONE_REGION=${PHONE_REGION}`
    )
  }
})

t.test('without keys a service serves no machine but its own', async (t) => {
  for (const HOST of ['127.0.0.1', '127.8.8.8', '::1', 'localhost']) {
    t.doesNotThrow(() => mustBeGuarded(readConfig({ HOST })), HOST)
  }
  for (const HOST of ['0.0.0.0', '::', '192.168.1.5', 'shop.example', '127.0.0.1.shop.example']) {
    t.throws(
      () => mustBeGuarded(readConfig({ HOST })),
      { code: 'invalid', problems: [{ path: 'HOST', message: /API_KEYS_FILE.*ledger keys add/ }] },
      HOST
    )
    t.doesNotThrow(() => mustBeGuarded(readConfig({ HOST, API_KEYS_FILE: 'keys.json' })), HOST)
  }
})
