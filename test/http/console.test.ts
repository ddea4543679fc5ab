import pino from 'pino'
import t, { type Test } from 'tap'
import { buildApp } from '../../src/http/app.ts'
import type { Service } from '../../src/http/service.ts'

/** An API that serves the console from a folder of these files. */
async function serving(t: Test, files: Record<string, string>) {
  const service: Service = {
    state: 'ready',
    ledger() {
      throw new Error('the files of the console ask nothing of the ledger')
    },
    canonicalPhone: (phone) => phone
  }
  const logger = pino({ level: 'silent' })
  const app = await buildApp({ service, logger, console: t.testdir(files) })
  t.teardown(() => app.close())
  return app
}

const page = '<!doctype html><title>The console</title>'
const built = { 'index.html': page, 'main.js': 'start()', 'main.css': 'a{}', 'icon.svg': '<svg/>' }

t.test('the console’s page and what it loads are served as what they are', async (t) => {
  const app = await serving(t, built)
  const types = {
    '/': 'text/html; charset=utf-8',
    '/console/main.js': 'text/javascript; charset=utf-8',
    '/console/main.css': 'text/css; charset=utf-8',
    '/console/icon.svg': 'image/svg+xml'
  }
  for (const [url, type] of Object.entries(types)) {
    const { statusCode, headers } = await app.inject(url)
    t.match([statusCode, headers['content-type']], [200, type], url)
    t.match(
      headers,
      {
        'content-security-policy': /^default-src 'none'; *script-src 'self'; *style-src 'self';/,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-cache'
      },
      `${url} may run nothing but its own`
    )
    t.notMatch(headers['content-security-policy'], /unsafe|\*|https?:/, 'without exception')
  }
  t.equal((await app.inject('/')).body, page)
  for (const url of ['/console/', '/console/index.html', '/console/../main.js', '/main.js']) {
    t.equal((await app.inject(url)).statusCode, 404, url)
  }
  t.equal((await app.inject({ url: '/', method: 'POST' })).statusCode, 405)
})

t.test('who has a file of the console is not sent it again until it changes', async (t) => {
  const app = await serving(t, built)
  const { headers } = await app.inject('/console/main.js')
  const etag = String(headers.etag)
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await app.inject({
      url: '/console/main.js',
      headers: { 'if-none-match': known }
    })
    t.match([again.statusCode, again.body], [304, ''], known)
  }
  const newer = await serving(t, { ...built, 'main.js': 'start("newer")' })
  const changed = await newer.inject({
    url: '/console/main.js',
    headers: { 'if-none-match': etag }
  })
  t.match([changed.statusCode, changed.body], [200, 'start("newer")'])
})

t.test('without a built console the service says how to build it', async (t) => {
  const app = await serving(t, {})
  const { statusCode, headers, body } = await app.inject('/')
  t.match([statusCode, headers['content-type']], [404, 'application/problem+json'])
  t.match(JSON.parse(body).detail, /npm run build/)
})
