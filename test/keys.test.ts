import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freshFolder, type Json, ledger, record, serve } from './support/process.ts'

/** The command line with a key file of its own. */
function withKeys(t: Test) {
  const dir = freshFolder(t)
  const path = join(dir, 'keys.json')
  const env = { API_KEYS_FILE: path }
  return { dir, path, env, keys: (...args: string[]) => ledger(t, dir, ['keys', ...args], { env }) }
}

t.test('a new key is shown once, and kept as what tells nobody its token', async (t) => {
  const { path, keys } = withKeys(t)
  const { code, stdout, stderr } = await keys('add', 'shop', '--scope', 'identify,read')
  t.equal(code, 0)
  t.match(stdout, /^idl_[\w-]{43}\n$/)
  t.match(stderr, /shop \(identify, read\).*not shown again/)
  const token = stdout.trim()
  const kept = readFileSync(path, 'utf8')
  t.notOk(kept.includes(token.slice(4)), 'its token is not in the file')
  t.equal(statSync(path).mode & 0o777, 0o600, 'which is for its owner only')
  const sha256 = (JSON.parse(kept) as Json).keys[0].sha256
  const second = await keys('add', 'till 2', '--scope', 'read', '--scope', 'decide', '--json')
  const made = JSON.parse(second.stdout)
  t.match(made, { name: 'till 2', scopes: ['read', 'decide'], token: /^idl_/ })
  t.not(made.token, token, 'every token is another')
  const list = await keys('list')
  t.match(list.stdout, /^shop {2}identify, read {2}\d{4}-.*\ntill 2 {2}read, decide {2}\d{4}-.*\n$/)
  const listed = await keys('list', '--json')
  t.match(JSON.parse(listed.stdout), { keys: [{ name: 'shop' }, { name: 'till 2' }] })
  for (const shown of [list.stdout, listed.stdout]) {
    t.notOk(shown.includes(sha256) || shown.includes(token), 'a list tells names and scopes')
  }
  t.match(await keys('revoke', 'shop'), { code: 0, stdout: 'The key shop is revoked.\n' })
  t.match((await keys('list')).stdout, /^till 2 {2}[^\n]*\n$/)
})

t.test('what can be no key is refused, and the file stays as it was', async (t) => {
  const { dir, path, keys, env } = withKeys(t)
  await keys('add', 'shop')
  const before = readFileSync(path, 'utf8')
  const all: [number, RegExp, ...string[]][] = [
    [1, /There is a key named shop already/, 'add', 'shop'],
    [1, /There is no key named shops/, 'revoke', 'shops'],
    [2, /A key must have a name/, 'add'],
    [2, /A key must have a name/, 'add', 'ann\u001b[31m'],
    [2, /A key must have a name/, 'add', 'ann@shop.example'],
    [2, /there is no "write"/, 'add', 'till', '--scope', 'read,write'],
    [2, /Allowed choices are add, list, revoke/, 'forget', 'shop'],
    [2, /argument/, 'add', 'a', 'b']
  ]
  for (const [code, stderr, ...args] of all) {
    t.match(await keys(...args), { code, stdout: '', stderr }, args.join(' '))
  }
  t.equal(readFileSync(path, 'utf8'), before)
  t.match(await ledger(t, dir, ['keys', 'list']), { code: 2, stderr: /API_KEYS_FILE must name/ })
  writeFileSync(`${path}.part`, '')
  t.match(await keys('revoke', 'shop'), { code: 1, stderr: /Another process is changing the keys/ })
  writeFileSync(path, before.replace('"name"', '"nam"'))
  t.match(await keys('list'), { code: 2, stderr: /key file is damaged at \/keys\/0/ })
  t.match(await ledger(t, dir, ['serve'], { env }), { code: 2, stderr: /key file is damaged/ })
})

t.test('a service that others could reach wants keys first', async (t) => {
  const { dir, env, keys } = withKeys(t)
  const HOST = '0.0.0.0'
  const open = await ledger(t, dir, ['serve'], { env: { HOST } })
  t.match(open, { code: 2, stdout: '', stderr: /HOST must be.*API_KEYS_FILE.*ledger keys add/ })
  const none = await ledger(t, dir, ['serve'], { env: { ...env, HOST } })
  t.match(none, { code: 2, stdout: '', stderr: /API_KEYS_FILE must name a file with keys/ })
  const { stdout } = await keys('add', 'shop', '--scope', 'read')
  const server = await serve(t, join(dir, 'ledger'), { env: { ...env, HOST } })
  t.equal((await server.get('/stats')).status, 401)
  const token = { authorization: `Bearer ${stdout.trim()}` }
  t.equal((await server.get('/stats', token)).status, 200)
})

t.test('the command line shows its token to a server that takes keys', async (t) => {
  const { dir, env, keys } = withKeys(t)
  const token = async (name: string, scope: string) => ({
    LEDGER_TOKEN: (await keys('add', name, '--scope', scope)).stdout.trim()
  })
  const [ann, shop] = [await token('ann', 'read,decide'), await token('shop', 'read')]
  const ledgerDir = join(dir, 'ledger')
  await record(ledgerDir, [{ email: 'info@shop.example', phoneNumber: '111' }])
  const server = await serve(t, ledgerDir, { env })
  const PORT = new URL(server.url).port
  const line = ['block', 'email:info@shop.example', '--reason', 'a mailbox']
  const as = (env: Record<string, string>, ...more: string[]) =>
    ledger(t, ledgerDir, [...line, ...more], { env: { ...env, PORT } })
  const wanted = /takes keys, and answers 40[13].*LEDGER_TOKEN must be/
  t.match(await as({}, '--actor', 'ann'), { code: 3, stdout: '', stderr: wanted })
  t.match(await as(shop), { code: 3, stdout: '', stderr: wanted })
  t.match(await as(ann, '--actor', 'bob'), { code: 2, stderr: /\/actor must be ann/ })
  t.match(await as(ann), { code: 0, stdout: /^Recorded at position 2/ })
  const { body } = await server.get('/events?after=1', {
    authorization: `Bearer ${ann.LEDGER_TOKEN}`
  })
  t.match(body.events, [{ type: 'IdentifierBlocked', data: { actor: 'ann' } }])
})

t.test('rows are imported through a server that takes keys', async (t) => {
  const { dir, env, keys } = withKeys(t)
  const { stdout } = await keys('add', 'loader', '--scope', 'read,identify')
  const ledgerDir = join(dir, 'ledger')
  const server = await serve(t, ledgerDir, { env })
  const rows = join(dir, 'rows.csv')
  writeFileSync(rows, 'email,phone\ndoc@lab.example,111\nmarty@lab.example,222\n')
  const { port: PORT } = new URL(server.url)
  const run = (env: Record<string, string>) =>
    ledger(t, ledgerDir, ['import', rows], { env: { ...env, PORT } })
  t.match(await run({}), { code: 3, stderr: /takes keys, and answers 401.*LEDGER_TOKEN/ })
  const { code, stderr } = await run({ LEDGER_TOKEN: stdout.trim() })
  t.equal(code, 0, stderr)
  t.match((await server.get('/health/ready')).body, { head: 2 })
})
