import { constants, cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sync } from '../../projections/sync.ts'
import type { Ledger } from '../../src/ledger.ts'
import { openHere } from '../open-here.ts'
import { record } from './facts.ts'
import { type Body, blockedValues, seed } from './mix.ts'

/** Which ledger is wanted: how many contacts it holds, and whether operators have decided in it. */
export type Wanted = { readonly contacts: number; readonly decided?: boolean }

/** Ledgers that are filled once in a run, and copied for whoever writes into one. */
export type Ledgers = {
  /** A copy of one's own. */
  copy(wanted: Wanted): Promise<string>
  /** A copy of any ledger that nobody has open. */
  copyOf(dir: string): string
  /** A new folder, for a ledger of another kind. */
  folder(): string
  discard(dir: string): void
}

/** How many requests go in one batch while a ledger is filled, and how many contacts it lists. */
const batchLimits = { requests: 20_000, weight: 1_000_000 }

/** Fills ledgers in a folder, each larger one from the next smaller one. */
export function ledgersIn(root: string, note: (text: string) => void): Ledgers {
  const filled = new Map<string, string>()
  let copies = 0

  const folder = () => join(root, `ledger-${++copies}`)

  const copyOf = (from: string) => {
    const to = folder()
    cpSync(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE })
    // Otherwise the system would write the copy to disk while somebody is measured.
    for (const file of readdirSync(to)) sync(join(to, file))
    return to
  }

  const original = async ({ contacts, decided = false }: Wanted): Promise<string> => {
    const name = `${contacts}${decided ? '-decided' : ''}`
    const known = filled.get(name)
    if (known !== undefined) return known
    const dir = join(root, `filled-${name}`)
    const from = decided ? contacts : largestBelow(contacts)
    if (from > 0) cpSync(await original({ contacts: from }), dir, { recursive: true })
    note(`filling a ledger with ${contacts} contacts${decided ? ' and decisions' : ''}`)
    if (decided) await fill(dir, (ledger) => decideOn(ledger, contacts))
    else await record(dir, seed(from, contacts))
    filled.set(name, dir)
    return dir
  }

  const largestBelow = (contacts: number) =>
    Math.max(0, ...[...filled.keys()].map(Number).filter((size) => size < contacts))

  return {
    copy: async (wanted) => copyOf(await original(wanted)),
    copyOf,
    folder,
    discard: (dir) => rmSync(dir, { recursive: true, force: true })
  }
}

/** Opens the ledger of a folder in this process, with the same code as a server's, and closes it. */
export async function fill<T>(dir: string, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const { ledger, close } = await openHere(
    { ledgerDir: dir },
    {
      create: true,
      opening: { mapped: true },
      now: Date.now,
      onFailure: (error) => console.error(error),
      queueLimit: batchLimits.requests,
      batchLimits
    }
  )
  try {
    return await work(ledger)
  } finally {
    await close()
  }
}

/** Observes all of these, many at once. */
export async function observeAll(ledger: Ledger, bodies: Iterable<Body>): Promise<void> {
  let pending: Promise<unknown>[] = []
  for (const body of bodies) {
    const asked = { ...body, source: 'bench', idempotencyKey: null, observedAt: null }
    pending.push(ledger.observe(asked))
    if (pending.length < batchLimits.requests) continue
    await Promise.all(pending)
    pending = []
  }
  await Promise.all(pending)
}

/** A sharing limit on either kind, and a thousand values blocked. */
async function decideOn(ledger: Ledger, contacts: number) {
  await decide(ledger, 100, blockedValues(contacts))
}

/** Sets a sharing limit on either kind, and blocks emails. */
export async function decide(ledger: Ledger, limit: number, emails: Iterable<string>) {
  const said = { actor: 'bench', reason: 'to measure with decisions' }
  for (const kind of ['email', 'phone'] as const) {
    await ledger.decide({ type: 'SharingLimitSet', kind, limit, ...said })
  }
  for (const value of emails) {
    const identifier = { kind: 'email' as const, value }
    await ledger.decide({ type: 'IdentifierBlocked', identifier, ...said })
  }
}
