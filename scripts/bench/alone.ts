import { mkdirSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Bench } from './bench.ts'
import { send } from './clients.ts'
import { figureOf, median } from './figure.ts'
import { mix } from './mix.ts'
import { alternate } from './rounds.ts'
import { serve } from './served.ts'

/** What one client waits for who is alone, beside a SQLite insert that is on disk. */
export const alone: Bench = {
  summary: 'the latency of one client alone beside one fsynced SQLite insert',

  async run(workshop) {
    const { ledgers, sizes } = workshop
    const contacts = sizes.contacts ?? (sizes.quick ? 1_000 : 100_000)
    const dir = await ledgers.copy({ contacts })
    const server = await serve(workshop, dir)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const insert = durableInsert(ledgers.folder())
    const forAWhile = async (one: (nth: number) => unknown) => {
      const times: number[] = []
      for (const end = performance.now() + sizes.seconds * 1_000; performance.now() < end; ) {
        const started = performance.now()
        await one(times.length)
        times.push(performance.now() - started)
      }
      return median(times)
    }
    const bodies = mix(contacts, 1)
    const identify = async () => {
      const body = JSON.stringify(bodies.next().value)
      const status = await send(agent, server.url, { path: '/identify', body })
      if (status !== 200) throw new Error(`/identify answered ${status}`)
    }
    await forAWhile(identify)
    const rounds = await alternate(sizes.rounds, {
      identify: () => forAWhile(identify),
      insert: () => forAWhile(insert.run)
    })
    insert.close()
    agent.destroy()
    await server.stop()
    ledgers.discard(dir)
    return [
      figureOf({
        bench: 'alone',
        what: '/identify, one client, p50',
        unit: 'ms',
        ledger: `${contacts.toLocaleString('en')} contacts`,
        ours: rounds.identify,
        yardstick: { what: 'a fsynced SQLite insert', rounds: rounds.insert },
        by: 'difference',
        goal: { at: 'most', value: 1 }
      })
    ]
  }
}

/** Inserts rows of an event's size, each on disk before the next. */
function durableInsert(folder: string) {
  mkdirSync(folder)
  const db = new Database(join(folder, 'insert.db'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('CREATE TABLE events (position INTEGER PRIMARY KEY, data TEXT NOT NULL) STRICT')
  const insert = db.prepare<[string], void>('INSERT INTO events (data) VALUES (?)')
  return {
    run: (nth: number) => insert.run(JSON.stringify({ nth, data: 'x'.repeat(100) })),
    close: () => void db.close()
  }
}
