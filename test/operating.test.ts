import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const files = ['src', 'projections', 'scripts']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name)
    )
  )
  .filter((path) => path.endsWith('.ts'))

/** The lines of level warn and above that the code can write, as the document's table begins them. */
const written = files.flatMap((path) => {
  const text = read(path)
  return [...text.matchAll(/\blog(?:ger)?\.(warn|error|fatal)\(/g)].map((call) => {
    const [started, level] = call
    const message = lastStringIn(text, call.index + started.length)
    return `${level}: ${message}`
  })
})

/** The rows of the document's table of log lines. */
const explained = [
  ...read('docs/operating.md').matchAll(/^\| (warn|error|fatal) +\| `([^`]+)` +\| \S.*\| \S/gm)
].map(([, level, message]) => `${level}: ${message}`)

t.ok(written.length >= 5, 'the lines are found')
t.strictSame(
  [...new Set(explained)].sort(),
  [...new Set(written)].sort(),
  'each log line of level warn and above is explained, with what to do, and nothing else is'
)

/** The last string among the arguments of a call that begin at a place: the message of a log line. */
function lastStringIn(text: string, start: number): string | null {
  let [depth, end] = [1, start]
  for (; depth > 0; end++) depth += { '(': 1, ')': -1 }[text.charAt(end)] ?? 0
  return [...text.slice(start, end - 1).matchAll(/'([^'\n]*)'/g)].at(-1)?.[1] ?? null
}
