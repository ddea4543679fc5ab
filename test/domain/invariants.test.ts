import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { type Conclusions, type Contact, conclude, type Link } from '../../src/domain/conclude.ts'
import type { Recorded } from '../../src/domain/event.ts'
import { evolve, fold, noFacts } from '../../src/domain/facts.ts'
import { invariants, violations } from '../../src/domain/invariants.ts'
import { afterTelling, decidedHistory, retract, see } from '../support/decided-histories.ts'
import { asked, tell } from '../support/histories.ts'
import { holds } from '../support/holds.ts'

/** Two people of two contacts each, of whom the second was absorbed; and a third. */
const { history: told } = tell([
  asked('a@x', '1'),
  asked('b@x', '1'),
  asked('c@x', '2'),
  asked('d@x', '2'),
  asked('c@x', '1'),
  asked('e@x', '3')
])
const facts = fold(told)
const shown = conclude(facts)

/** The picture with one contact changed. */
const relinked = (id: number, change: Partial<Contact>): Conclusions => ({
  ...shown,
  contacts: shown.contacts.map((one) => (one.id === id ? { ...one, ...change } : one))
})

/** The facts with the observation at one position changed. */
const retold = (position: number, change: object) =>
  fold(told.map((one) => (one.position === position ? altered(one, change) : one)))

const altered = (recorded: Recorded, change: object) =>
  ({ ...recorded, event: { ...recorded.event, ...change } }) as Recorded

const onePrimary = 'every identity has one primary, its oldest contact'
const straight = 'a secondary links to a primary, never to a secondary'
const alive = 'a contact is live if and only if a value that it brought is listed'
const chained =
  'two contacts are one identity if and only if a chain of live links joins their homes'
const linked = 'a link tells how often live observations show it, first and last'
const inOrder = 'a contact id is given once, in the order of the log'
const minted = 'a new value is brought by a contact, and a contact brings a value'
const observed = 'what is retracted was observed before'

/** What an invariant says of a picture and facts. */
const says = (name: string, picture = shown, of = facts) =>
  invariants[name]?.(picture, of, conclude(of))

t.test('these are all the invariants, and each holds of a true picture', async (t) => {
  const names = [onePrimary, straight, alive, chained, linked, inOrder, minted, observed]
  t.same(Object.keys(invariants), names)
  for (const name of names) t.equal(says(name), null, name)
})

t.test('a link to a contact that is no primary is seen', async (t) => {
  t.equal(
    says(onePrimary, relinked(4, { linkedId: 3 })),
    'contact 4 is linked to 3, which is not a primary'
  )
  t.equal(
    says(onePrimary, relinked(4, { linkedId: 9 })),
    'contact 4 is linked to 9, which is not a primary'
  )
})

t.test('a primary younger than its secondary is seen', async (t) => {
  t.equal(says(onePrimary, relinked(2, { linkedId: 5 })), 'contact 2 is linked to a younger one, 5')
})

t.test('a secondary of a secondary is seen', async (t) => {
  t.equal(says(straight, relinked(4, { linkedId: 3 })), 'contact 4 is linked to the secondary 3')
})

t.test('a contact that is withdrawn or live wrongly is seen', async (t) => {
  t.equal(says(alive, relinked(4, { withdrawn: true })), 'contact 4 is withdrawn')
  const gone = fold(afterTelling([see('a@x', null), retract(1)], ({ history }) => history))
  const [contact] = conclude(gone).contacts
  t.match(contact, { id: 1, withdrawn: true }, 'once nothing shows it any more')
  const shownLive = { contacts: [{ ...(contact as Contact), withdrawn: false }], links: [] }
  t.equal(says(alive, shownLive, gone), 'contact 1 is live')
})

t.test('an identity in two pieces is seen', async (t) => {
  const wrong = 'contact 4 is linked to none, but 1 follows from the links'
  t.equal(says(chained, relinked(4, { linkedId: null })), wrong)
})

t.test('a stranger in an identity is seen', async (t) => {
  const wrong = 'contact 5 is linked to 1, but none follows from the links'
  t.equal(says(chained, relinked(5, { linkedId: 1 })), wrong)
})

t.test('a contact too many and one that is missing are seen', async (t) => {
  const [one] = shown.contacts as [Contact]
  const more = { ...shown, contacts: [...shown.contacts, { ...one, id: 6 }] }
  t.equal(says(chained, more), 'contact 6 follows from no observation')
  const fewer = { ...shown, contacts: shown.contacts.slice(2) }
  t.equal(says(chained, fewer), '2 contacts are missing')
})

t.test('a link that is missing, too many, or tells other evidence is seen', async (t) => {
  const withLinks = (links: readonly Link[]) => ({ ...shown, links })
  const last = shown.links.at(-1) as Link
  const others = shown.links.slice(0, -1)
  const truth = '7 8 1 7 7'
  const wrong: [readonly Link[], string][] = [
    [others, `the link shown is none; ${truth} follows from the facts`],
    [[...others, { ...last, count: 2 }], `the link shown is 7 8 2 7 7; ${truth} follows`],
    [[...others, { ...last, first: 6 }], `the link shown is 7 8 1 6 7; ${truth} follows`],
    [[...others, { ...last, latest: 8 }], `the link shown is 7 8 1 7 8; ${truth} follows`],
    [[...shown.links, last], `the link shown is ${truth}; none follows from the facts`]
  ]
  for (const [links, said] of wrong) t.match(says(linked, withLinks(links)), said)
  const { email, ...rest } = last
  t.equal(says(linked, withLinks([...others, { ...rest, email }])), null, 'in any order')
})

t.test('a contact id that is skipped or given twice is seen', async (t) => {
  t.equal(says(inOrder, shown, retold(2, { contact: 3 })), 'position 2 mints 3 after 1')
  t.equal(says(inOrder, shown, retold(3, { contact: 2 })), 'position 3 mints 2 after 2')
})

t.test('a contact id given to two people is seen, whatever follows from it', async (t) => {
  const twice = retold(7, { contact: 1 })
  const wrong = violations(conclude(twice), twice)
  t.equal(wrong.at(-1), `${inOrder}: position 7 mints 1 after 4`)
})

t.test('a contact minted for nothing, and one that was not minted, are seen', async (t) => {
  const wrong: [number, object, string][] = [
    [5, { contact: 5 }, 'position 5 mints 5 for known values'],
    [7, { contact: null }, 'position 7 mints none for a new value'],
    [5, { introduces: [5] }, 'position 5 mints none for a new value'],
    [7, { introduces: [7] }, 'position 7 mints 5, which lacks a new value'],
    [2, { introduces: [3, 5] }, 'position 2 mints 2, which brings a value that was not seen']
  ]
  for (const [position, change, said] of wrong) {
    t.equal(says(minted, shown, retold(position, change)), said)
  }
})

t.test('a retraction of what was not observed before is seen', async (t) => {
  const retracted = (observation: number, ...positions: number[]) =>
    positions.map((position) => {
      const event = { type: 'ObservationRetracted', observation, actor: 'ann', reason: 'a test' }
      return { position, recordedAt: 0, event, identifiers: [] } as Recorded
    })
  const wrong = (observation: number, ...positions: number[]) =>
    says(observed, shown, fold([...told, ...retracted(observation, ...positions)]))
  t.equal(wrong(7, 8, 9), null, 'what was, may be retracted, and again')
  for (const [observation, ...positions] of [
    [6, 8],
    [9, 8],
    [7, 8, 4]
  ] as [number, ...number[]][]) {
    t.equal(
      wrong(observation, ...positions),
      `position ${positions.at(-1)} retracts ${observation}, which is not an earlier observation`
    )
  }
})

t.test('whatever does not hold is said with its name', async (t) => {
  t.same(violations(shown, facts), [])
  t.same(violations(relinked(4, { linkedId: 3 }), retold(2, { contact: 3 })), [
    `${onePrimary}: contact 4 is linked to 3, which is not a primary`,
    `${straight}: contact 4 is linked to the secondary 3`,
    `${chained}: contact 2 follows from no observation`,
    `${inOrder}: position 2 mints 3 after 1`
  ])
})

holds(t, 'every invariant holds after each event of a history', decidedHistory, (told) => {
  const facts = noFacts()
  for (const recorded of told) same(violations(conclude(evolve(facts, recorded)), facts), [])
})
