import type Database from 'better-sqlite3'
import type {
  Cause,
  ContactId,
  ContactObserved,
  Decision,
  IdentifierNumber,
  Outcome,
  Position,
  Recorded
} from '../../src/domain/event.ts'
import { type Evidence, repeats, valuesOf } from '../../src/domain/graph.ts'
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
import { forest, type Node } from './forest.ts'
import { hiding } from './hiding.ts'
import { type Joining, joining } from './joining.ts'
import { type Loader, loader } from './loader.ts'
import { type Outcomes, outcomes } from './outcomes.ts'
import { recentNodes } from './recent-nodes.ts'
import { schema } from './schema.ts'
import { settler } from './settler.ts'
import { settling } from './settling.ts'

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
    lastNumbered(): { readonly contact: ContactId | 0; readonly identifier: IdentifierNumber | 0 }
    /** Where the outcomes on record are not those that follow from the facts, in words. */
    discrepancies(): readonly string[]
  }

const statements = (db: Database.Database) => ({
  mint: db.prepare<[number, number, number, number, number, number, number, number, number], void>(
    /* sql */ `
    INSERT INTO minted (
      id, email, phone_number, introduced, node, position, created_at, settled, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
  ),
  introduce: db.prepare<[number, string, string, number, number], void>(/* sql */ `
    INSERT INTO identifiers (number, kind, value, node, came)
    VALUES (?, ?, ?, ?, ?)`),
  identifier: db.prepare<[string, string], Identifier>(/* sql */ `
    SELECT number, kind, value
    FROM identifiers
    WHERE value = ? AND kind = ?`),
  anyDecision: db.prepare<[], number>('SELECT EXISTS (SELECT 1 FROM decisions)').pluck(),
  lastContact: db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM minted').pluck(),
  lastIdentifier: db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM identifiers').pluck()
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
    const joiningOf = joining(db, graph)
    const hidden = hiding(graph, trees, sizes)
    const nodes = recentNodes(db)
    let lastContact = sql.lastContact.get() ?? 0
    let lastIdentifier = sql.lastIdentifier.get() ?? 0
    /** Whether anything was ever decided. If not, observations only ever join. */
    let ruled = sql.anyDecision.get() === 1
    let limits = limitsOf(graph)

    const observe = (recorded: Recorded<ContactObserved>, known?: WorkedOut) => {
      const { event, position, identifiers } = recorded
      const fresh = identifiers
        .filter(({ number }) => number > lastIdentifier)
        .map(({ number }) => number)
      // The event alone chooses the way, so that a rebuild takes the same one.
      const all: Joining = { by: identifiers, bystander: null }
      const joined = ruled ? joiningOf(recorded, lastIdentifier, limits) : all
      const [here, other = here] = (joined?.by ?? [])
        .filter(({ number }) => number <= lastIdentifier)
        .map(({ number }) => nodes.of(number))
      if (joined === null || (here !== undefined && hidden.shownBeside(here, joined))) {
        if (fresh.length > 0 || !repeats(graph, valuesOf(event))) {
          return reshapeBy(recorded, fresh, known)
        }
        lineage.expect([])
        return evidence.observe(recorded, fresh)
      }
      if (event.introduces !== undefined && joined.bystander === null) {
        return reshapeBy(recorded, fresh, known)
      }
      const expected: Outcome[] = []
      if (here !== undefined && other !== undefined && here !== other) {
        const [a, b] = [trees.rootOf(here), trees.rootOf(other)]
        if (a.node !== b.node) {
          if (hidden.shownByMerge([a, b], identifiers)) return reshapeBy(recorded, fresh, known)
          trees.join(a, b, position, recorded.recordedAt)
          const [survivor = 0, absorbed = 0] = [a.oldest ?? 0, b.oldest ?? 0].sort((x, y) => x - y)
          sizes.merge(survivor, absorbed)
          expected.push({ type: 'ContactsMerged', survivor, absorbed: [absorbed], cause: position })
        }
      }
      lineage.expect(expected)
      if (event.contact !== null) {
        if (here === undefined) sizes.begin()
        else sizes.grow(trees.rootOf(here).oldest ?? 0)
      }
      mint(recorded, here ?? event.contact ?? 0, fresh)
      evidence.observe(recorded, fresh)
    }

    const mint = (recorded: Recorded<ContactObserved>, node: Node, fresh: readonly number[]) => {
      const { event, position, identifiers } = recorded
      const { contact, introduces = fresh, observedAt: at } = event
      const [email, phone] = [event.email ?? 0, event.phoneNumber ?? 0]
      for (const { number, kind, value } of identifiers) {
        if (number <= lastIdentifier) continue
        sql.introduce.run(number, kind, value, node, position)
        lastIdentifier = number
        nodes.remember(number, node)
      }
      if (contact === null) return
      const brought = (introduces.includes(email) ? 1 : 0) | (introduces.includes(phone) ? 2 : 0)
      sql.mint.run(contact, email, phone, brought, node, position, at, position, at)
      lastContact = contact
    }

    const reshapeBy = (
      recorded: Recorded<Cause>,
      fresh: readonly number[] = [],
      workedOut: WorkedOut = reshape(graph, recorded)
    ) => {
      const { position } = recorded
      if (isObservation(recorded)) {
        mint(recorded, 0, fresh)
        evidence.observe(recorded, fresh)
      } else {
        evidence.decide(recorded as Recorded<Decision>)
        ruled = true
        limits = limitsOf(graph)
      }
      const settlement = 'rows' in workedOut ? workedOut : settlementOf(workedOut, position)
      lineage.expect(causedBy(position, settlement.outcomes))
      settle(settlement.rows, recorded)
      sizes.reshape(settlement)
      for (const identifier of settlement.identifiers) nodes.forget(identifier)
    }

    return {
      evidence: graph,
      identifier: ({ kind, value }) => sql.identifier.get(value, kind) ?? null,
      limits: () => limits,
      settlement: settlementOf,
      sizes,
      discrepancies: lineage.discrepancies,
      flush: sizes.flush,

      hear(recorded, known) {
        if (isObservation(recorded)) observe(recorded, known)
        else if (isDecision(recorded)) reshapeBy(recorded, [], known)
        else lineage.record(recorded as Recorded<Outcome>)
      },

      lastNumbered: () => ({ contact: lastContact, identifier: lastIdentifier }),

      forget() {
        sizes.forget()
        nodes.forgetAll()
        lastContact = sql.lastContact.get() ?? 0
        lastIdentifier = sql.lastIdentifier.get() ?? 0
        ruled = sql.anyDecision.get() === 1
        limits = limitsOf(graph)
      },
      ...loader(db, trees, nodes.remember)
    }
  }
}
