import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import openapi, { astToString } from 'openapi-typescript'
import t from 'tap'
import ts from 'typescript'
import { bearing, keyFile } from '../support/keys.ts'
import type { Json } from '../support/process.ts'
import { type Answered, type Asked, type Served, serve } from '../support/service.ts'

/** The document of a service, and its operations by `METHOD /path`. */
async function described(ledger: Served) {
  const { body } = await ledger.get('/openapi.json')
  const document = body as Json
  const operations = new Map<string, Json>()
  for (const [path, item] of Object.entries<Json>(document.paths)) {
    for (const [method, one] of Object.entries(item)) {
      operations.set(`${method.toUpperCase()} ${path}`, one)
    }
  }
  return { document, operations }
}

/** The same document, in which no object has more than it is said to have. */
function exact(node: Json): Json {
  if (Array.isArray(node)) return node.map(exact)
  if (typeof node !== 'object' || node === null) return node
  const copy = Object.fromEntries(Object.entries(node).map(([key, one]) => [key, exact(one)]))
  const closed = 'properties' in copy && !('additionalProperties' in copy)
  return closed && copy['type'] === 'object' ? { ...copy, additionalProperties: false } : copy
}

/** Tells what an answer has that the document does not; null when it is as described. */
function checker(document: Json) {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajv.addSchema(exact({ ...document, $id: 'api' }))
  const escaped = (key: string) =>
    encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))
  return (operation: string, { status, headers, body, text }: Answered): string | null => {
    const [method = '', path = ''] = operation.split(' ')
    const response = document.paths[path]?.[method.toLowerCase()]?.responses[status]
    if (response === undefined) return `${status} is not described`
    const type = headers['content-type']?.split(';')[0] ?? ''
    if (response.content[type] === undefined) return `${type} is not described`
    const where = ['paths', path, method.toLowerCase(), 'responses', String(status)]
    const at = [...where, 'content', type, 'schema'].map(escaped).join('/')
    const check = ajv.compile({ $ref: `api#/${at}` })
    return check(/[/+]json$/.test(type) ? body : text) ? null : ajv.errorsText(check.errors)
  }
}

t.test('the document is OpenAPI 3.1, and says all of every route', async (t) => {
  const ledger = await serve(t)
  const { document, operations } = await described(ledger)
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  t.ok(valid, JSON.stringify(errors))
  t.match(document.openapi, /^3\.1\./)
  t.same([...operations.keys()].sort(), [
    'GET /contacts',
    'GET /contacts/{id}',
    'GET /contacts/{id}/history',
    'GET /events',
    'GET /health/live',
    'GET /health/ready',
    'GET /identifiers/{identifier}',
    'GET /identities/{id}/graph',
    'GET /metrics',
    'GET /openapi.json',
    'GET /stats',
    'GET /why',
    'POST /decisions',
    'POST /identify',
    'POST /identify/batch'
  ])
  const ids = [...operations.values()].map(({ operationId }) => operationId)
  t.equal(new Set(ids).size, ids.length, 'each has a name of its own')
  for (const [name, { summary, parameters = [], responses, security, requestBody }] of operations) {
    t.match(summary, /\w/, `${name} has a summary`)
    for (const one of parameters) {
      t.ok(one.description && one.example !== undefined, `${name}: ${one.name} is explained`)
    }
    t.ok(responses[500], `${name} may fail`)
    const open = /health|openapi/.test(name)
    t.equal(security === undefined, open, `${name} ${open ? 'needs no' : 'needs a'} key`)
    t.equal(responses[401] === undefined, open)
    const media = [requestBody, ...Object.values<Json>(responses)].flatMap((one) =>
      Object.entries<Json>(one?.content ?? {})
    )
    for (const [type, { schema, example }] of media) {
      const component = document.components.schemas[schema?.$ref?.split('/').at(-1)]
      const shown = example ?? (component ?? schema)?.examples?.[0]
      const itself = name === 'GET /openapi.json' && type === 'application/json'
      t.ok(itself || shown !== undefined, `${name}: ${type} has an example`)
    }
  }
  const { parameters, description } = operations.get('POST /identify/batch')
  const answers = parameters.find(({ name }: Json) => name === 'answer').schema.anyOf
  for (const { const: answer } of answers) {
    t.match(description, answer, `a line of a batch may be answered by its ${answer}`)
  }
  const ajv = new Ajv2020({ strict: false })
  ajv.addSchema(exact({ ...document, $id: 'api' }))
  for (const [name, { examples }] of Object.entries<Json>(document.components.schemas)) {
    const check = ajv.compile({ $ref: `api#/components/schemas/${name}` })
    t.ok(check(examples[0]), `the example of ${name} is one: ${ajv.errorsText(check.errors)}`)
  }
})

const json = { 'content-type': 'application/json' }
const ndjson = { 'content-type': 'application/x-ndjson' }
const decision = {
  type: 'IdentifierBlocked',
  identifier: 'email:info@shop.example',
  actor: 'root',
  reason: 'a mailbox'
}
const post = (path: string, body: object | string, headers: Asked['headers'] = json): Asked => ({
  method: 'POST',
  path,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body)
})
const keyed = { ...json, 'idempotency-key': 'order-1' }
const pair = { email: 'info@shop.example', phoneNumber: '111' }

/** What is asked of every route in this order, and how it is answered. */
const asked: readonly (readonly [operation: string, status: number, asked: Asked])[] = [
  ['POST /identify', 200, post('/identify', pair, keyed)],
  ['POST /identify', 200, post('/identify', { email: 'info@shop.example', phoneNumber: '222' })],
  ['POST /identify', 200, post('/identify', { phoneNumber: 333 })],
  ['POST /identify', 422, post('/identify', { phoneNumber: '1' }, keyed)],
  ['POST /identify', 400, post('/identify', {})],
  ['POST /identify', 413, post('/identify', ' '.repeat(20_000))],
  ['POST /identify', 415, post('/identify', 'x', { 'content-type': 'text/plain' })],
  ['POST /identify', 200, post('/identify?dryRun=true', pair)],
  ['POST /identify/batch', 200, post('/identify/batch', '{"email":"a@b"}\n{}\n', ndjson)],
  ['POST /identify/batch', 415, post('/identify/batch', '{}')],
  ['POST /identify/batch', 400, post('/identify/batch?answer=x', '{}', ndjson)],
  ['POST /decisions', 200, post('/decisions?dryRun=true', decision)],
  ['POST /decisions', 200, post('/decisions', decision)],
  ['POST /decisions', 200, post('/decisions', { ...decision, type: 'IdentifierUnblocked' })],
  ['POST /decisions', 404, post('/decisions', { ...decision, identifier: 'phone:9' })],
  ['POST /decisions', 400, post('/decisions', { ...decision, actor: 'nobody' })],
  ['GET /contacts/{id}', 200, { path: '/contacts/2' }],
  ['GET /contacts/{id}', 404, { path: '/contacts/99' }],
  ['GET /contacts/{id}', 400, { path: '/contacts/x' }],
  ['GET /contacts', 200, { path: '/contacts?phoneNumber=222&asOf=2' }],
  ['GET /contacts', 409, { path: '/contacts?phoneNumber=222&email=a@b' }],
  ['GET /contacts', 404, { path: '/contacts?phoneNumber=9' }],
  ['GET /contacts/{id}/history', 200, { path: '/contacts/1/history?limit=2' }],
  ['GET /contacts/{id}/history', 404, { path: '/contacts/99/history' }],
  ['GET /identities/{id}/graph', 200, { path: '/identities/1/graph' }],
  ['GET /identities/{id}/graph', 404, { path: '/identities/99/graph' }],
  ['GET /identities/{id}/graph', 200, { path: '/identities/1/graph?asOf=1' }],
  ['GET /identifiers/{identifier}', 200, { path: '/identifiers/phone:222' }],
  ['GET /identifiers/{identifier}', 404, { path: '/identifiers/phone:9' }],
  ['GET /identifiers/{identifier}', 400, { path: '/identifiers/x' }],
  ['GET /why', 200, { path: '/why?from=contact:1&to=contact:2' }],
  ['GET /why', 200, { path: '/why?from=contact:1&to=phone:333' }],
  ['GET /why', 404, { path: '/why?from=contact:1&to=contact:99' }],
  ['GET /why', 400, { path: '/why?from=contact:1' }],
  ['GET /events', 200, { path: '/events' }],
  ['GET /events', 400, { path: '/events?type=x' }],
  ['GET /events', 409, { path: '/events?after=999', headers: { accept: 'text/event-stream' } }],
  ['GET /stats', 200, { path: '/stats' }],
  ['GET /metrics', 200, { path: '/metrics' }],
  ['GET /openapi.json', 200, { path: '/openapi.json' }],
  ['GET /health/live', 200, { path: '/health/live' }],
  ['GET /health/ready', 200, { path: '/health/ready' }]
]

t.test('every route answers as the document says', async (t) => {
  const file = keyFile(t)
  const root = await file.add('root', 'admin')
  const idle = await file.add('idle')
  const ledger = await serve(t, undefined, { apiKeysFile: file.path })
  const { document, operations } = await described(ledger)
  const flaw = checker(document)
  for (const [operation, status, one] of asked) {
    const as = (token: string) => ({ ...one, headers: { ...one.headers, ...bearing(token) } })
    const answer = await ledger.send(as(root))
    t.equal(answer.status, status, `${operation}: ${answer.text.slice(0, 200)}`)
    t.equal(flaw(operation, answer), null, `${operation}: ${answer.text.slice(0, 200)}`)
    for (const refused of [await ledger.send(one), await ledger.send(as(idle))]) {
      if (refused.status >= 400) t.equal(flaw(operation, refused), null, `${operation} refuses`)
    }
  }
  const tried = new Set(asked.map(([operation]) => operation))
  t.same(
    [...operations.keys()].filter((one) => !tried.has(one)),
    [],
    'all were tried'
  )
  const notSo = { ...(await ledger.get('/health/live')), body: { status: 1, more: true } }
  t.match(flaw('GET /health/live', notSo), /must be string/, 'the check can fail')
})

const program = `
import createClient from 'openapi-fetch'
import type { paths } from './ledger.js'

export async function story(baseUrl: string, token: string) {
  const ledger = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${token}\` } })
  const { data: identity } = await ledger.POST('/identify', {
    body: { email: 'george@hillvalley.edu', phoneNumber: 919191 }
  })
  if (identity === undefined) throw new Error('no identity')
  const id: number = identity.primaryContactId
  const { data, error } = await ledger.GET('/contacts/{id}', { params: { path: { id: id + 1 } } })
  const why: string | undefined = error?.detail
  const email: string | null | undefined = data?.contact.email
  return { emails: identity.emails, why, email }
}
// @ts-expect-error The document has no such path, so its types have none.
export const wrong: paths['/nowhere'] = 1
`

t.test('a typed client is made of the document, and works', async (t) => {
  const file = keyFile(t)
  const token = await file.add('shop', 'identify', 'read')
  const ledger = await serve(t, undefined, { apiKeysFile: file.path })
  const { document } = await described(ledger)
  const dir = t.testdir({
    'ledger.d.ts': astToString(await openapi(document)),
    'package.json': '{"type":"module"}',
    'story.ts': program
  })
  const source = join(dir, 'story.ts')
  const options: ts.CompilerOptions = {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    skipLibCheck: true
  }
  const compiled = ts.createProgram([source], options)
  const wrong = ts.getPreEmitDiagnostics(compiled).map(({ messageText, file }) => {
    return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  t.same(wrong, [], 'it type-checks')
  compiled.emit()
  const { story } = await import(join(dir, 'story.js'))
  t.same(await story(`http://127.0.0.1:${ledger.port}`, token), {
    emails: ['george@hillvalley.edu'],
    why: 'There is no contact 2.',
    email: undefined
  })
})

t.test('the document can be read in a browser, which loads nothing from elsewhere', async (t) => {
  const file = keyFile(t)
  await file.add('shop', 'read')
  const ledger = await serve(t, undefined, { apiKeysFile: file.path })
  const page = await ledger.get('/docs')
  t.match(page, { status: 200, headers: { 'content-type': /^text\/html/ } }, 'without a key')
  const policy = String(page.headers['content-security-policy'])
  t.same(policy.split(';'), [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ])
  t.notMatch(page.text, /<script>|<style|\son\w+=|\sstyle=/, 'it has no script or style of its own')
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
  t.ok(assets.length > 3)
  for (const path of assets) {
    t.match(path, /^\//, `${path} is served here`)
    t.match(await ledger.get(path), {
      status: 200,
      headers: { 'content-security-policy': policy, 'x-content-type-options': 'nosniff' }
    })
  }
  const shown = await ledger.get('/docs/json')
  t.same(shown.body, (await ledger.get('/openapi.json')).body)
  const { headers } = await ledger.get('/health/live')
  t.notOk('content-security-policy' in headers, 'programs need none')
})
