import type Database from 'better-sqlite3'
import type {
  Cause,
  ContactObserved,
  Decision,
  Outcome,
  Position,
  Recorded,
  Timestamp
} from '../../src/domain/event.ts'
import type { Evidence } from '../../src/domain/graph.ts'
import type { Identifier } from '../../src/domain/identifier.ts'
import type { Limits } from '../../src/domain/neighbourhood.ts'
import { type Reshaping, reshape } from '../../src/domain/reshape.ts'
import { causedBy, type Settlement, type WorkedOut } from '../../src/settlement.ts'
import { graphIn } from '../evidence/graph.ts'
import { limitsOf } from '../evidence/limits.ts'
import { schema as evidenceSchema } from '../evidence/schema.ts'
import { evidenceWriter } from '../evidence/writer.ts'
import { type Hears, isDecision, isObservation, type Projection } from '../projection.ts'
import { sizes as identitySizes, type Sizes, schema as sizesSchema } from '../stats/sizes.ts'
import { forest, type Tree } from './forest.ts'
import { later } from './later.ts'
import { type Loader, loader } from './loader.ts'
import { type Minting, minting } from './minting.ts'
import { type Outcomes, outcomes } from './outcomes.ts'
import { recentNodes } from './recent-nodes.ts'
import { schema } from './schema.ts'
import { settler } from './settler.ts'
import { settling } from './settling.ts'
import { ways } from './way.ts'

/** The contacts projection at work: the fold, and what the writer must know to decide. */
export type Contacts = Hears &
  Loader & {
    /** The evidence as it stands. */
    readonly evidence: Evidence
    /** An identifier by its value; null when it was never observed. */
    identifier(value: Pick<Identifier, 'kind' | 'value'>): Identifier | null
    limits(): Limits
    /** What an event that is not heard yet, and mints nobody, makes of the rows of identities. */
    settlement(reshaping: Reshaping, position: Position): Settlement
    /** Which identities are large. */
    readonly sizes: Pick<Sizes, 'isLarge' | 'anyLarge'>
    /** The last contact and the last identifier that were numbered; 0 when none. */
    readonly lastNumbered: Minting['last']
    /** Where the outcomes on record are not those that follow from the facts, in words. */
    discrepancies(): readonly string[]
    /**
     * Whether rows of a decision are left to be written that came with its rows worked out. Until they are,
     * nothing may be asked of the identities that it concerns.
     */
    unsettled(): boolean
    /** Writes some of them. */
    settleMore(): void
  }

const atOnce = (write: () => void) => write()

const statements = (db: Database.Database) => ({
  identifier: db.prepare<[string, string], Identifier>(/* sql */ `
    SELECT number, kind, value
    FROM identifiers
    WHERE value = ? AND kind = ?`),
  anyDecision: db.prepare<[], number>('SELECT EXISTS (SELECT 1 FROM decisions)').pluck()
})

/** Contacts, identities, their lineage, and the evidence for them. */
export const contacts: Projection<Contacts> = {
  name: 'contacts',
  version: 12,
  schema: schema + evidenceSchema + sizesSchema,

  open(db) {
    const sql = statements(db)
    const trees = forest(db)
    const evidence = evidenceWriter(db)
    const graph = graphIn(db)
    const settlementOf = settling(db)
    const settle = settler(db)
    const lineage: Outcomes = outcomes(db)
    const sizes = identitySizes(db)
    const nodes = recentNodes(db)
    const numbers = minting(db, nodes.remember)
    const wayOf = ways(db, { evidence: graph, trees, nodes, sizes })
    const left = later()
    /** The last decision that came with its rows worked out. */
    let planned: Position | 0 = 0
    /** Whether anything was ever decided. If not, observations only ever join. */
    let ruled = sql.anyDecision.get() === 1
    let limits = limitsOf(graph)

    const observe = (recorded: Recorded<ContactObserved>, known?: WorkedOut) => {
      const { event, position, recordedAt } = recorded
      const fresh = numbers.freshOf(recorded)
      const way = wayOf(recorded, { ruled, limits, lastIdentifier: numbers.last().identifier })
      if (way.how === 'reshapes') return reshapeBy(recorded, fresh, known)
      if (way.how === 'repeats') {
        lineage.expect([])
        return evidence.observe(recorded, fresh)
      }
      const { here, merging } = way
      lineage.expect(merging === null ? [] : [merge(merging, position, recordedAt)])
      if (event.contact !== null) {
        if (here === undefined) sizes.begin()
        else sizes.grow(trees.rootOf(here).oldest ?? 0)
      }
      numbers.mint(recorded, here ?? event.contact ?? 0, fresh)
      evidence.observe(recorded, fresh)
    }

    const merge = ([a, b]: readonly [Tree, Tree], cause: Position, at: Timestamp): Outcome => {
      trees.join(a, b, cause, at)
      const [survivor = 0, absorbed = 0] = [a.oldest ?? 0, b.oldest ?? 0].sort((x, y) => x - y)
      sizes.merge(survivor, absorbed)
      return { type: 'ContactsMerged', survivor, absorbed: [absorbed], cause }
    }

    /** How what follows from a cause is written: that of a plan later, so that nobody waits for all of it. */
    const writesOf = (cause: Position) => (cause === planned ? left.leave : atOnce)

    const reshapeBy = (
      recorded: Recorded<Cause>,
      fresh: readonly number[] = [],
      workedOut: WorkedOut = reshape(graph, recorded)
    ) => {
      const { position } = recorded
      if (isObservation(recorded)) {
        numbers.mint(recorded, 0, fresh)
        evidence.observe(recorded, fresh)
      } else {
        evidence.decide(recorded as Recorded<Decision>)
        ruled = true
        limits = limitsOf(graph)
      }
      const settlement = 'rows' in workedOut ? workedOut : settlementOf(workedOut, position)
      lineage.expect(causedBy(position, settlement.outcomes))
      if ('rows' in workedOut) planned = position
      const write = writesOf(position)
      for (const some of settle(settlement.rows, recorded)) write(some)
      for (const some of settlement.rows.sizes) write(() => sizes.reshape(some))
      for (const identifier of settlement.identifiers) nodes.forget(identifier)
    }

    return {
      evidence: graph,
      identifier: ({ kind, value }) => sql.identifier.get(value, kind) ?? null,
      limits: () => limits,
      settlement: settlementOf,
      sizes,
      discrepancies: lineage.discrepancies,
      unsettled: left.any,
      settleMore: left.doOne,

      flush() {
        left.doAll()
        sizes.flush()
      },

      hear(recorded, known) {
        if (isObservation(recorded)) observe(recorded, known)
        else if (isDecision(recorded)) reshapeBy(recorded, [], known)
        else {
          const outcome = recorded as Recorded<Outcome>
          lineage.record(outcome, writesOf(outcome.event.cause))
        }
      },

      lastNumbered: numbers.last,

      forget() {
        left.forget()
        planned = 0
        sizes.forget()
        nodes.forgetAll()
        numbers.forget()
        ruled = sql.anyDecision.get() === 1
        limits = limitsOf(graph)
      },
      ...loader(db, trees, nodes.remember)
    }
  }
}
