import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Workshop } from './bench.ts'
import { mixedLoad } from './clients.ts'
import { figureOf } from './figure.ts'
import { knownPairs, mix, seed } from './mix.ts'
import { afresh, onCopy, type Runner, untilStopped } from './served.ts'

const source = join(import.meta.dirname, 'express')

/** Where its packages are installed: not beside it, where they would pass for the product's own. */
const installed = join(import.meta.dirname, '../../node_modules/.cache/bench-express')

/** The mix beside the statement's task done with Express, Sequelize and sqlite3. */
export const express: Bench = {
  summary: '/identify beside Express 4, Sequelize 6 and sqlite3, durable too, at 10,000 contacts',

  async run(workshop) {
    const { sizes, note } = workshop
    const contacts = sizes.quick ? 1_000 : 10_000
    install(note)
    const loadOf = (bodies: typeof mix) =>
      mixedLoad(contacts, sizes.connections, sizes.client ?? 'autocannon', bodies)
    const [load, warmUp] = [loadOf(mix), loadOf(knownPairs)]
    const rounds = await afresh(
      workshop,
      {
        ours: onCopy(workshop, { contacts }, load, warmUp),
        theirs: { ...theirs(workshop, contacts), load, warmUp }
      },
      Math.min(sizes.rounds, 3)
    )
    return [
      figureOf({
        bench: 'express',
        what: `/identify, ${sizes.connections} connections`,
        unit: 'requests/s',
        ledger: `${contacts.toLocaleString('en')} contacts`,
        ours: rounds.ours.map(({ perSecond }) => perSecond),
        yardstick: {
          what: 'Express 4, Sequelize 6, sqlite3',
          rounds: rounds.theirs.map(({ perSecond }) => perSecond)
        },
        goal: { at: 'least', value: 50 }
      })
    ]
  }
}

function theirs(
  { ledgers, processes }: Workshop,
  contacts: number
): Pick<Runner<unknown>, 'start'> {
  return {
    async start() {
      const folder = ledgers.folder()
      mkdirSync(folder)
      const rows = [...seed(0, contacts)].map((row, nth) => ({
        ...row,
        linkedId: nth % 2 === 0 ? null : nth,
        linkPrecedence: nth % 2 === 0 ? 'primary' : 'secondary'
      }))
      writeFileSync(join(folder, 'contacts.json'), JSON.stringify(rows))
      const server = await processes.serve('server.js', {
        plainIn: installed,
        env: { STORAGE: join(folder, 'contacts.sqlite'), CONTACTS: join(folder, 'contacts.json') }
      })
      return untilStopped(server, () => ledgers.discard(folder))
    }
  }
}

/** Installs its packages once, and again when they have changed. */
function install(note: (text: string) => void) {
  const locked = (folder: string) => {
    const lock = join(folder, 'package-lock.json')
    return existsSync(lock) ? readFileSync(lock, 'utf8') : null
  }
  const done = join(installed, 'installed')
  if (locked(installed) !== locked(source) || !existsSync(done)) {
    note('installing Express, Sequelize and sqlite3, which may take minutes')
    cpSync(source, installed, { recursive: true })
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: installed, stdio: 'ignore' })
    writeFileSync(done, '')
  }
  cpSync(source, installed, { recursive: true })
}
