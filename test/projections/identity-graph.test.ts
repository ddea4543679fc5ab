import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { readingView } from '../../projections/reading-view.ts'
import { LedgerError } from '../../src/domain/errors.ts'
import type { ContactObserved, Recorded } from '../../src/domain/event.ts'
import { type Identifier, nameOf } from '../../src/domain/identifier.ts'
import type { IdentityGraph } from '../../src/identity-graph.ts'
import {
  afterTelling,
  between,
  type Command,
  decidedHistory,
  limit,
  on,
  retract,
  see
} from '../support/decided-histories.ts'
import { picture, type Told } from '../support/decision-oracle.ts'
import { holds } from '../support/holds.ts'
import { shownBy } from '../support/ledger.ts'

t.setTimeout(600_000)

holds(t, 'a graph is the evidence of its identity, by the definitions', decidedHistory, (told) =>
  shownBy([told], (db) => {
    const view = readingView(db)
    for (const contact of contactsIn(told)) {
      const identity = view.contact(contact)?.identity
      if (identity) same(view.graph(contact), graphOf(contact, identity.primaryContactId, told))
      else
        same(
          refusal(() => view.graph(contact)),
          'not_found'
        )
    }
  })
)

const together: Command[] = [see('a@x', '1'), see('b@x', '1'), see('b@x', '2')]

t.test('the value through which all is linked is where an identity would come apart', async (t) => {
  const { nodes, links, primaryContactId } = graphAfter([...together, see('b@x', '2')])
  t.equal(primaryContactId, 1)
  t.strictSame(nodes, [
    { identifier: 'email:a@x', sharing: 1, links: true, articulation: false, contacts: [1] },
    { identifier: 'phone:1', sharing: 2, links: true, articulation: true, contacts: [1, 2] },
    { identifier: 'email:b@x', sharing: 2, links: true, articulation: true, contacts: [2, 3] },
    { identifier: 'phone:2', sharing: 1, links: true, articulation: false, contacts: [3] }
  ])
  const live = { state: 'live', asserted: null }
  t.strictSame(links, [
    { from: 'email:a@x', to: 'phone:1', count: 1, first: 1, latest: 1, ...live },
    { from: 'phone:1', to: 'email:b@x', count: 1, first: 2, latest: 2, ...live },
    { from: 'email:b@x', to: 'phone:2', count: 2, first: 3, latest: 4, ...live }
  ])
})

t.test('a link tells the live observations of it, whichever were retracted', async (t) => {
  const thrice = [see('a@x', '1'), see('a@x', '1'), see('a@x', '1'), see('a@x', null)]
  const told = (...more: Command[]) => {
    const [{ count, first, latest } = {}] = graphAfter([...thrice, ...more]).links
    return [count, first, latest]
  }
  const retracted = (...observations: number[]) => told(...observations.map(retract))
  t.strictSame(told(), [3, 1, 3])
  t.strictSame(retracted(1), [2, 2, 3])
  t.strictSame(retracted(2), [2, 1, 3])
  t.strictSame(retracted(3), [2, 1, 2])
  t.strictSame(retracted(3, 1), [1, 2, 2])
  t.strictSame(retracted(2, 2), [2, 1, 3], 'none is taken back twice')
  t.strictSame(retracted(1, 3, 2), [undefined, undefined, undefined], 'no link without any')
  const again = [retract(1), retract(3), retract(2), see('a@x', '1'), see('a@x', '1')]
  t.strictSame(told(...again), [2, 8, 9], 'once it is seen again, it begins anew')
})

t.test('a value that links nobody is drawn with each who carries it', async (t) => {
  const blocked = graphAfter([...together, on('IdentifierBlocked', '1')])
  t.match(blocked.nodes[1], { identifier: 'phone:1', links: false, articulation: false })
  t.strictSame(states(blocked), ['email:a@x - phone:1: blocked'])
  const shared = graphAfter([...together, limit('phone', 1)])
  t.match(shared.nodes[1], { identifier: 'phone:1', links: false, sharing: 2 })
  t.strictSame(states(shared), ['email:a@x - phone:1: over-shared'])
})

t.test('links that an operator forbade or asserted are drawn as such', async (t) => {
  const around: Command[] = [see('a@x', '1'), see('a@x', '2'), see('b@x', '2'), see('b@x', '1')]
  t.strictSame(states(graphAfter([...around, between('LinkForbidden', 'a@x', '1')])), [
    'email:a@x - phone:1: forbidden',
    'email:a@x - phone:2: live',
    'phone:1 - email:b@x: live',
    'phone:2 - email:b@x: live'
  ])
  const { links } = graphAfter([
    ...[see('a@x', '1'), see('b@x', '2')],
    between('LinkAsserted', 'b@x', 'a@x')
  ])
  t.strictSame(links[1], {
    ...{ from: 'email:a@x', to: 'email:b@x', state: 'live' },
    ...{ count: 0, first: null, latest: null, asserted: 3 }
  })
  const retracted = graphAfter([
    ...[see('a@x', '1'), see('a@x', null), see(null, '1')],
    ...[between('LinkAsserted', 'a@x', '1'), retract(1)]
  ])
  t.strictSame(
    retracted.links,
    [
      {
        ...{ from: 'email:a@x', to: 'phone:1', state: 'live' },
        ...{ count: 0, first: null, latest: null, asserted: 4 }
      }
    ],
    'and what was retracted is no evidence'
  )
})

t.test('there is no graph of nobody', async (t) => {
  const nobody = [see('a@x', '1'), retract(1)]
  t.equal(
    refusal(() => graphAfter(nobody)),
    'not_found',
    'where nobody is live'
  )
  t.equal(
    refusal(() => graphAfter([])),
    'not_found',
    'where there is no such contact'
  )
})

function graphAfter(commands: readonly Command[]): IdentityGraph {
  return afterTelling(commands, ({ view }) => view.graph(1))
}

function states({ links }: IdentityGraph): string[] {
  return links.map(({ from, to, state }) => `${from} - ${to}: ${state}`)
}

/** The graph of a contact's identity by brute force over all that was told. */
function graphOf(contact: number, primaryContactId: number, told: readonly Recorded[]) {
  const { contacts, groupOf, groupAtHome, groupOfIdentifier } = picture(told as readonly Told[])
  const group = groupOf(contact)
  const events = told.map(({ event }) => event)
  const all = new Map(
    told.flatMap(({ identifiers }) => identifiers.map((one) => [one.number, one] as const))
  )
  const gone = events.flatMap((event) => ('observation' in event ? [event.observation] : []))
  const live = told.flatMap(({ event, position }) =>
    event.type === 'ContactObserved' && !gone.includes(position) ? [{ ...event, position }] : []
  )
  const carries = ({ email, phoneNumber }: ContactObserved, v: number) =>
    email === v || phoneNumber === v
  const seen = (a: number, b: number) => live.filter((one) => carries(one, a) && carries(one, b))
  const latest = (types: readonly string[], of: (event: object) => boolean) =>
    events.findLast((event) => types.includes(event.type) && of(event))?.type
  const isBetween = (a: number, b: number) => (event: object) =>
    'between' in event && samePair(event.between as number[], [a, b])
  const forbidden = (a: number, b: number) =>
    latest(['LinkForbidden', 'LinkAllowed'], isBetween(a, b)) === 'LinkForbidden'
  const asserted = (a: number, b: number) => {
    const rulings = told.filter(({ event }) => isBetween(a, b)(event))
    const withdrawn = rulings.findLast(({ event }) => event.type === 'AssertionWithdrawn')
    const since = withdrawn?.position ?? 0
    const holds = rulings.find(
      ({ event, position }) => event.type === 'LinkAsserted' && position > since
    )
    return holds?.position ?? null
  }
  const blocked = (v: number) =>
    latest(
      ['IdentifierBlocked', 'IdentifierUnblocked'],
      (event) => 'identifier' in event && event.identifier === v
    ) === 'IdentifierBlocked'
  const canLink = (v: number) => groupOfIdentifier(v) !== null

  const component = [...all.keys()].filter((v) => groupOfIdentifier(v) === group)
  const listed = live
    .filter((one) => groupAtHome(one) === group)
    .flatMap(({ email, phoneNumber }) => [email, phoneNumber].filter((v) => v !== null))
  const nodes = [...new Set([...component, ...listed])].sort((a, b) => a - b)
  const state = (a: number, b: number) => {
    if (forbidden(a, b)) return 'forbidden'
    if (blocked(a) || blocked(b)) return 'blocked'
    return canLink(a) && canLink(b) ? 'live' : 'over-shared'
  }
  const links = nodes.flatMap((a) =>
    nodes
      .filter((b) => a < b && (seen(a, b).length > 0 || asserted(a, b) !== null))
      .filter((b) => component.length === 0 || component.includes(a) || component.includes(b))
      .map((b) => ({ a, b, state: state(a, b), seen: seen(a, b), asserted: asserted(a, b) }))
  )
  const parts = (without: number) => {
    const left = new Set(component.filter((v) => v !== without))
    let count = 0
    for (const start of left) {
      count++
      const part = new Set([start])
      for (const v of part) {
        left.delete(v)
        for (const { a, b, state } of links) {
          const other = a === v ? b : b === v ? a : without
          if (state === 'live' && other !== without) part.add(other)
        }
      }
    }
    return count
  }
  const rowHas = (id: number, { kind, value }: Identifier) => {
    const row = contacts.get(id)
    return row?.live && (kind === 'email' ? row.email : row.phoneNumber) === value
  }
  const name = (v: number) => nameOf(all.get(v) as Identifier)
  const others = (v: number) =>
    [...all.keys()].filter((w) => w !== v && seen(v, w).length > 0 && !forbidden(v, w))
  return {
    primaryContactId,
    nodes: nodes.map((v) => ({
      identifier: name(v),
      sharing: others(v).length,
      links: canLink(v),
      articulation: component.includes(v) && parts(v) > 1,
      contacts: [...contacts.keys()].filter(
        (id) => groupOf(id) === group && rowHas(id, all.get(v) as Identifier)
      )
    })),
    links: links.map(({ a, b, state, seen, asserted }) => ({
      from: name(a),
      to: name(b),
      state,
      count: seen.length,
      first: seen[0]?.position ?? null,
      latest: seen.at(-1)?.position ?? null,
      asserted
    }))
  }
}

function samePair(one: readonly number[], other: readonly number[]): boolean {
  return [...one].sort().join() === [...other].sort().join()
}

function contactsIn(told: readonly Recorded[]): number[] {
  return told.flatMap(({ event }) =>
    event.type === 'ContactObserved' && event.contact !== null ? [event.contact] : []
  )
}

/** The code of the refusal. */
function refusal(ask: () => unknown) {
  try {
    return ask()
  } catch (error) {
    if (error instanceof LedgerError) return error.code
    throw error
  }
}
