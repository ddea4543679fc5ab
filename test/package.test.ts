import { execFile, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { freshFolder, type Json } from './support/process.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Json
const tsc = join(root, 'node_modules/typescript/bin/tsc')

/** The environment without what the test runner puts into it. */
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] }

/** Packs the project as it is, built anew; tells the path of the package and what is in it. */
async function pack(t: Test) {
  const dir = freshFolder(t)
  for (const file of ['package.json', 'README.md', 'LICENSE']) {
    copyFileSync(join(root, file), join(dir, file))
  }
  const outDir = join(dir, 'dist')
  await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir], { cwd: root })
  const console = ['run', '-s', 'build:console', '--', `--outdir=${join(outDir, 'console')}`]
  await run('npm', console, { cwd: root, env })
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json'], { cwd: dir, env })
  const [{ filename, files }] = JSON.parse(stdout) as [Json]
  return { path: join(dir, filename), files: files.map(({ path }: Json) => path) as string[] }
}

/** An empty folder with the package in it, installed but for the network: what it needs is linked. */
async function installed(t: Test, path: string) {
  const app = freshFolder(t)
  const modules = join(app, 'node_modules')
  const home = join(modules, manifest.name)
  mkdirSync(home, { recursive: true })
  await run('tar', ['-xzf', path, '-C', home, '--strip-components=1'])
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  const [[command, script]] = Object.entries<string>(manifest.bin) as [[string, string]]
  mkdirSync(join(modules, '.bin'))
  symlinkSync(join(home, script), join(modules, '.bin', command))
  chmodSync(join(home, script), 0o755)
  writeFileSync(join(app, 'package.json'), '{"type":"module","private":true}')
  return app
}

/** The code blocks under a heading of the README, by language. */
function blocks(heading: string): { language: string; text: string }[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, section = ''] = readme.split(`\n## ${heading}\n`)
  const [body = ''] = section.split('\n## ')
  return [...body.matchAll(/```(\w*)\n(.*?)```/gs)].map(([, language = '', text = '']) => {
    return { language, text }
  })
}

t.test('the package holds what it needs and nothing else', async (t) => {
  const { path, files } = await pack(t)
  const strays = files.filter(
    (file) => !/^dist\/(src|projections|scripts)\/[\w/-]+\.(js|d\.ts)$/.test(file)
  )
  const pages = ['cytoscape-license', 'icon.svg', 'index.html', 'main.css', 'main.js']
  const assets = [...pages, 'main.js.LEGAL.txt'].map((file) => `dist/console/${file}`)
  t.same(strays.sort(), ['LICENSE', 'README.md', ...assets, 'package.json'])
  t.notOk(
    files.some((file) => /bench|test/.test(file)),
    'no tests, no benchmarks'
  )
  const app = await installed(t, path)

  await t.test('it serves', async (t) => {
    // A group of its own: npx starts the service as a child, and both are to end.
    const child = spawn('npx', ['--no', 'identity-ledger', 'serve'], {
      cwd: app,
      env: { ...env, PORT: '0' },
      detached: true
    })
    const ended = new Promise((resolve) => child.once('close', resolve))
    const stop = (signal: NodeJS.Signals) => process.kill(-(child.pid ?? Number.NaN), signal)
    t.teardown(() => {
      if (child.exitCode === null && child.signalCode === null) stop('SIGKILL')
    })
    const url = await new Promise<string>((resolve, reject) => {
      let wrote = ''
      child.stdout.on('data', (text) => {
        wrote += text
        const [, url] = /listening at (http:[^"]*).*"msg":"ready"/s.exec(wrote) ?? []
        if (url !== undefined) resolve(url)
      })
      child.once('exit', () => reject(new Error(wrote)))
    })
    const answer = await fetch(`${url}/identify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"email":"doc@lab.example"}'
    })
    t.match(await answer.json(), { primaryContactId: 1, emails: ['doc@lab.example'] })
    for (const page of ['/', '/docs']) {
      t.equal((await fetch(`${url}${page}`)).status, 200, `with the page ${page}`)
    }
    const lines = Array.from({ length: 2_100 }, (_, nth) => `{"email":"${nth}@x","phoneNumber":1}`)
    const batch = await fetch(`${url}/identify/batch?answer=receipt`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.join('\n')
    })
    await batch.text()
    const large = await fetch(`${url}/contacts/2`)
    t.match(await large.json(), { identity: { primaryContactId: 2 } }, 'large identities too')
    stop('SIGTERM')
    await ended
  })

  await t.test('the example of the README is typed, and does what is said there', async (t) => {
    const found = blocks('As a library')
    const text = (language: string) => found.find((one) => one.language === language)?.text ?? ''
    const wrong =
      '// @ts-expect-error An id is a number.\nidentity.primaryContactId satisfies string\n'
    writeFileSync(join(app, 'example.ts'), text('ts') + wrong)
    const types = join(root, 'node_modules/@types')
    const wanted = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node']
    const { stdout: problems } = await run(
      process.execPath,
      [tsc, ...wanted, '--typeRoots', types, '--skipLibCheck', 'example.ts'],
      { cwd: app }
    ).catch((failed) => failed as { stdout: string })
    t.equal(problems, '', 'it type-checks')
    const { stdout } = await run(process.execPath, ['example.js'], { cwd: app, env })
    t.equal(stdout, text(''))
  })
})
