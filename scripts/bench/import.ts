import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Bench } from './bench.ts'
import { figureOf } from './figure.ts'
import { seed } from './mix.ts'
import { alternate } from './rounds.ts'

/** `import` of a CSV file, beside a script that inserts what comes of it. */
export const importBench: Bench = {
  summary: 'import of CSV into an empty ledger beside a bulk insert of the same rows',

  async run({ ledgers, processes, sizes }) {
    const rows = sizes.quick ? 10_000 : 1_000_000
    const folder = ledgers.folder()
    mkdirSync(folder)
    const file = join(folder, 'contacts.csv')
    await pipeline(Readable.from(csv(rows)), createWriteStream(file))
    const imported = (dir: string) =>
      processes.run('scripts/ledger.ts', {
        args: ['import', file, '--json'],
        env: { LEDGER_DIR: dir }
      })
    const result = ledgers.folder()
    await imported(result)
    const into = async <T>(work: (dir: string) => Promise<T>) => {
      const dir = ledgers.folder()
      const done = await work(dir)
      ledgers.discard(dir)
      return done
    }
    const rounds = await alternate(Math.min(sizes.rounds, 3), {
      ours: () => into(imported),
      bulk: () =>
        into((dir) =>
          processes.run('scripts/bench/bulk-insert.ts', { args: ['import', result, dir] })
        )
    })
    ledgers.discard(folder)
    ledgers.discard(result)
    const common = { bench: 'import', ledger: `empty; ${rows.toLocaleString('en')} rows` }
    return [
      figureOf({
        ...common,
        what: 'import of CSV',
        unit: 's',
        ours: rounds.ours.map(({ seconds }) => seconds),
        yardstick: { what: 'bulk insert', rounds: rounds.bulk.map(({ seconds }) => seconds) },
        goal: { at: 'under', value: 2 }
      }),
      figureOf({
        ...common,
        what: 'import of CSV, most memory',
        unit: 'MiB',
        ours: rounds.ours.map(({ peak }) => peak)
      })
    ]
  }
}

/** A header and rows of an email and a phone number. */
function* csv(rows: number): Generator<string> {
  yield 'email,phone\n'
  let lines: string[] = []
  for (const { email, phoneNumber } of seed(0, rows)) {
    lines.push(`${email},${phoneNumber}\n`)
    if (lines.length < 10_000) continue
    yield lines.join('')
    lines = []
  }
  yield lines.join('')
}
