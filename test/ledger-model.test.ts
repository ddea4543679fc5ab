import { deepStrictEqual as same } from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { openReadModel, type ReadModel } from '../projections/read-model.ts'
import type { AskedDecision } from '../src/decision.ts'
import type { Observation } from '../src/domain/decide.ts'
import { LedgerError } from '../src/domain/errors.ts'
import type { Recorded } from '../src/domain/event.ts'
import { openLedger } from '../src/group-commit.ts'
import type { Ledger } from '../src/ledger.ts'
import type { EventLog } from '../src/log/event-log.ts'
import { memoryLog } from '../src/log/memory.ts'
import { command } from './support/decided-histories.ts'
import { outcomesOf, picture, type Told } from './support/decision-oracle.ts'
import { emails, phones } from './support/histories.ts'

/** What was put on record so far: the oracle tells everything else from it. */
type Model = { readonly told: Recorded[] }

/** A ledger that can be closed, and opened again on what is left of it. */
type Real = {
  readonly log: EventLog
  readonly path: string
  ledger: Ledger
  model: ReadModel
}

type Command = fc.AsyncCommand<Model, Real>

const folder = t.testdir()
let opened = 0

async function open(log: EventLog, path: string): Promise<Pick<Real, 'ledger' | 'model'>> {
  const model = await openReadModel(log, path)
  const onFailure = (error: unknown) => {
    throw error
  }
  // So little that it is let go again and again.
  const memoryLimits = { held: 6, kept: 2 }
  const options = {
    log,
    view: model.view,
    now: () => 1_000,
    onFailure,
    memoryLimits,
    preload: true
  }
  return { model, ledger: openLedger(options) }
}

async function close({ ledger, model }: Real) {
  await ledger.close()
  model.close()
}

/** What a request or decision answers, or why it is refused. */
async function answered<T>(answer: Promise<T>): Promise<T | string> {
  return answer.catch((error: unknown) => {
    if (error instanceof LedgerError) return error.code
    throw error
  })
}

/** Takes what was recorded since to the model, and checks that it is what must be recorded. */
async function recordedSince({ told }: Model, { log }: Real): Promise<readonly Recorded[]> {
  const before = picture(told as readonly Told[])
  const added = await log.read(told.length, 1_000)
  told.push(...added)
  const [cause, ...outcomes] = added
  if (cause === undefined) return []
  const after = picture(told as readonly Told[])
  same(
    outcomes.map(({ event }) => event),
    outcomesOf(before, after, cause.position)
  )
  return added
}

class Observe implements Command {
  readonly #asked: Observation
  constructor(asked: Observation) {
    this.#asked = asked
  }
  check = () => true
  async run(model: Model, real: Real) {
    const supposed = await real.ledger.supposeObserved(this.#asked)
    same(await real.log.head(), model.told.length)
    const identity = await real.ledger.observe(this.#asked)
    same(identity, supposed)
    await recordedSince(model, real)
    const { email, phoneNumber } = this.#asked
    same(identity, picture(model.told as readonly Told[]).answerFor(email, phoneNumber))
  }
  toString = () => `observe ${this.#asked.email} ${this.#asked.phoneNumber}`
}

class Decide implements Command {
  readonly #decision: AskedDecision
  constructor(decision: AskedDecision) {
    this.#decision = decision
  }
  check = () => true
  async run(model: Model, real: Real) {
    const supposed = await answered(real.ledger.supposeDecided(this.#decision))
    same(await real.log.head(), model.told.length)
    const before = picture(model.told as readonly Told[]).identities
    const made = await answered(real.ledger.decide(this.#decision))
    same(made, supposed)
    const added = await recordedSince(model, real)
    if (typeof made === 'string') return same(added, [])
    same(made.events, added)
    const after = picture(model.told as readonly Told[]).identities
    const told = (identities: readonly unknown[]) => identities.map((one) => JSON.stringify(one))
    const [was, is] = [new Set(told(before)), new Set(told(after))]
    same(new Set(told(made.before)), new Set([...was].filter((one) => !is.has(one))))
    same(new Set(told(made.after)), new Set([...is].filter((one) => !was.has(one))))
  }
  toString = () => JSON.stringify(this.#decision)
}

class Restart implements Command {
  readonly #rebuild: boolean
  constructor(rebuild: boolean) {
    this.#rebuild = rebuild
  }
  check = () => true
  async run(_: Model, real: Real) {
    await close(real)
    if (this.#rebuild) rmSync(real.path)
    Object.assign(real, await open(real.log, real.path))
  }
  toString = () => (this.#rebuild ? 'rebuild' : 'restart')
}

class Ask implements Command {
  readonly #email: string | null
  readonly #phone: string | null
  readonly #back: number
  constructor(email: string | null, phone: string | null, back: number) {
    this.#email = email
    this.#phone = phone
    this.#back = back
  }
  check = () => true
  async run({ told }: Model, { ledger }: Real) {
    const at = Math.max(0, told.length - this.#back)
    for (const value of [
      { email: this.#email, phoneNumber: null },
      { email: null, phoneNumber: this.#phone }
    ]) {
      const now = picture(told as readonly Told[])
      const then = picture(told.slice(0, at) as readonly Told[])
      if (value.email === null && value.phoneNumber === null) continue
      same(await ledger.identityOf(value), now.answerFor(value.email, value.phoneNumber))
      same(await ledger.identityOf(value, at), then.answerFor(value.email, value.phoneNumber))
    }
  }
  toString = () => `ask ${this.#email} ${this.#phone}, ${this.#back} back`
}

const told = command.map(({ asked, decision }) =>
  asked ? new Observe(asked) : new Decide(decision)
)
const restart = fc.boolean().map((rebuild) => new Restart(rebuild))
const ask = fc
  .tuple(fc.option(emails), fc.option(phones), fc.nat({ max: 20 }))
  .map(([email, phone, back]) => new Ask(email, phone, back))

/** Mostly requests and decisions; a restart is slow, as it waits for the disk. */
const commands = fc.commands([told, told, told, told, told, told, ask, ask, restart], {
  maxCommands: 30,
  size: 'max'
})

t.test('a ledger does what the definitions say, through restarts and rebuilds', async (t) => {
  const property = fc.asyncProperty(commands, async (commands) => {
    const path = join(folder, `${opened++}.db`)
    const log = memoryLog()
    const real: Real = { log, path, ...(await open(log, path)) }
    try {
      await fc.asyncModelRun(() => ({ model: { told: [] }, real }), commands)
    } finally {
      await close(real)
      rmSync(path)
    }
  })
  const details = await fc.check(property, { numRuns: 1_000, includeErrorInReport: true })
  t.equal(details.failed, false, fc.defaultReportMessage(details) ?? `${details.numRuns} cases`)
})
