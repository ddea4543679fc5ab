import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, posix } from 'node:path'
import t from 'tap'

/** Who may import whom: the first row that a file stands in holds for it. */
const mayImport: readonly (readonly [of: string, may: readonly string[]])[] = [
  ['src/domain', ['src/domain', '@sinclair/typebox']],
  ['src/log', ['src/log', 'src/domain', 'better-sqlite3', 'node']],
  [
    'src/console',
    [
      'src/console',
      'src/domain/answer.ts',
      'src/decision-body.ts',
      'src/identity-graph.ts',
      'src/published-decision.ts',
      'src/published-event.ts',
      'src/published-why.ts',
      'src/stats.ts',
      'src/views.ts',
      'src/carriers.ts',
      'cytoscape'
    ]
  ],
  ['src/http/app.ts', ['src/http', 'fastify', '@fastify/type-provider-typebox']],
  [
    'src/http',
    [
      'src/http',
      'src/domain',
      'src/admission.ts',
      'src/carriers.ts',
      'src/ledger.ts',
      'src/views.ts',
      'src/observation.ts',
      'src/as-of.ts',
      'src/decision-body.ts',
      'src/event-filter.ts',
      'src/idempotency-key.ts',
      'src/line-cutter.ts',
      'src/receipt.ts',
      'src/read-time.ts',
      'src/told-beside.ts',
      'src/published-decision.ts',
      'src/published-event.ts',
      'src/published-why.ts',
      'src/identity-graph.ts',
      'src/stats.ts',
      'fastify',
      'fastify-plugin',
      '@fastify/helmet',
      '@fastify/rate-limit',
      '@fastify/swagger',
      '@fastify/swagger-ui',
      '@fastify/type-provider-typebox',
      '@sinclair/typebox',
      'prom-client',
      'node'
    ]
  ],
  [
    'src',
    ['src/*', 'src/domain', 'src/log/event-log.ts', '@sinclair/typebox', 'libphonenumber-js']
  ],
  [
    'projections',
    [
      'projections',
      'src/domain',
      'src/log/event-log.ts',
      'src/log/stored-data.ts',
      'src/views.ts',
      'src/decision.ts',
      'src/error-code.ts',
      'src/identity-graph.ts',
      'src/settlement.ts',
      'src/why.ts',
      'better-sqlite3',
      'node'
    ]
  ],
  [
    'scripts/bench',
    [
      'scripts',
      'projections',
      'src',
      'autocannon',
      'better-sqlite3',
      'commander',
      'fastify',
      '@fastify',
      '@sinclair',
      'node'
    ]
  ],
  ['scripts/demo', ['scripts', 'src', 'pino', 'playwright-core', 'node']],
  [
    'scripts',
    [
      'scripts',
      'projections',
      'src',
      'commander',
      '@sinclair/typebox',
      'cli-progress',
      'csv-parse',
      'pino',
      'prom-client',
      'fastify',
      'node'
    ]
  ]
]

/** What only some may say: who may, and what. */
const maySay: readonly (readonly [what: string, pattern: RegExp, where: readonly string[]])[] = [
  ['the environment', /\bprocess\.env\b|\benv\b.*from 'node:process'/, ['scripts']],
  ['better-sqlite3', /'better-sqlite3'/, ['src/log', 'projections', 'scripts/bench']],
  ['Fastify', /'fastify'|'fastify-plugin'|'@fastify\//, ['src/http', 'scripts']],
  ['the clock', /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/, ['scripts']],
  [
    'chance',
    /\bMath\.random\b|\brandom(?:UUID|Bytes|Int)\b/,
    ['src/log', 'scripts/keys.ts', 'scripts/request-ids.ts']
  ],
  ['process', /\bprocess\.(?:exit|on|once|kill)\b/, ['scripts']],
  ['a barrel', /^export (?:type )?(?:\*|\{[^}]*\} from)/m, []],
  ['the terminal', /\bconsole\.(?:log|info|warn|error|debug|trace|dir|table)\b/, ['scripts/bench']]
]

const mostLines = 200

const root = join(import.meta.dirname, '..')
const files = ['src', 'projections', 'scripts'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
)

/** Whether a path, or a package's name, is one of these or stands in one of them. */
const within = (path: string, those: readonly string[]) =>
  those.some((one) =>
    one.endsWith('/*')
      ? posix.dirname(path) === one.slice(0, -2)
      : path === one || path.startsWith(`${one}/`)
  )

/** What a file imports: paths from the root, package names, `node` for all of Node's own. */
function importsOf({ path, text }: (typeof files)[number]): string[] {
  const found = text.matchAll(
    /(?:^import\b[^'"]*|^export (?:type )?(?:\*|\{[^}]*\})[^'"\n]*\bfrom\s*|\bimport\()['"]([^'"]+)/gm
  )
  return [...found].map(([, name = '']) => {
    if (name.startsWith('.')) return posix.join(posix.dirname(path), name)
    return name.startsWith('node:') || builtinModules.includes(name) ? 'node' : name
  })
}

t.ok(files.length > 40, 'the files are found')

for (const [of, may] of mayImport) {
  const earlier = mayImport.slice(
    0,
    mayImport.findIndex((row) => row[0] === of)
  )
  const strays = files
    .filter(
      ({ path }) =>
        within(path, [of]) &&
        !within(
          path,
          earlier.map(([first]) => first)
        )
    )
    .flatMap((file) => importsOf(file).map((imported) => [file.path, imported] as const))
    .filter(([, imported]) => !within(imported, may))
    .map(([path, imported]) => `${path} imports ${imported}`)
  t.same(strays, [], `${of} imports only ${may.join(', ')}`)
}

for (const [what, pattern, where] of maySay) {
  const strays = files.filter(({ path, text }) => pattern.test(text) && !within(path, where))
  t.same(
    strays.map(({ path }) => path),
    [],
    `${what} is met ${where.length === 0 ? 'nowhere' : `in ${where.join(' and ')} only`}`
  )
}

t.same(
  files
    .filter(({ path }) => within(path, ['src/console']))
    .flatMap(({ path, text }) => {
      const taken = text.matchAll(/^import (?!type\b)[^'"]*['"](\.\.[^'"]*)/gm)
      return [...taken].map(([, from]) => `${path} takes more than types from ${from}`)
    }),
  [],
  'the console takes only types from the service'
)

t.same(
  files
    .map(({ path, text }) => `${path} has ${text.split('\n').length - 1} lines`)
    .filter((told) => Number(/(\d+) lines/.exec(told)?.[1]) > mostLines),
  [],
  `no file has more than ${mostLines} lines`
)
