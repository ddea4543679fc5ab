import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import type { Recorded } from '../../src/domain/event.ts'
import {
  type Conclusions,
  type Contact,
  conclude,
  evolve,
  fold,
  noFacts
} from '../../src/domain/identity.ts'
import { invariants, violations } from '../../src/domain/invariants.ts'
import { asked, history, tell } from '../support/histories.ts'
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
const chained = 'two contacts are one identity if and only if a chain of links joins their homes'
const merges = 'every merge is recorded exactly once with its cause, and nothing else is'
const inOrder = 'a contact id is given once, in the order of the log'
const minted = 'a contact is minted if and only if its observation brings a new value'

/** What an invariant says of a picture and facts. */
const says = (name: string, picture = shown, of = facts) => invariants[name]?.(picture, of)

t.test('these are all the invariants, and each holds of a true picture', async (t) => {
  const names = [onePrimary, straight, chained, merges, inOrder, minted]
  t.same(Object.keys(invariants), names)
  for (const name of names) t.equal(says(name), null, name)
})

t.test('a link to a contact that is no primary is seen', async (t) => {
  t.equal(
    says(onePrimary, relinked(4, { linkedId: 3 })),
    'contact 4 is linked to 3, which is no primary'
  )
  t.equal(
    says(onePrimary, relinked(4, { linkedId: 9 })),
    'contact 4 is linked to 9, which is no primary'
  )
})

t.test('a primary younger than its secondary is seen', async (t) => {
  t.equal(says(onePrimary, relinked(2, { linkedId: 5 })), 'contact 2 is linked to a younger one, 5')
})

t.test('a secondary of a secondary is seen', async (t) => {
  t.equal(says(straight, relinked(4, { linkedId: 3 })), 'contact 4 is linked to the secondary 3')
})

t.test('an identity in two pieces is seen', async (t) => {
  const wrong = 'contact 4 is reached from another identity by a chain of links'
  t.equal(says(chained, relinked(4, { linkedId: null })), wrong)
})

t.test('a stranger in an identity is seen', async (t) => {
  const wrong = 'contact 5 is reached from its primary 1 by no chain of links'
  t.equal(says(chained, relinked(5, { linkedId: 1 })), wrong)
})

t.test('strangers whose home is a phone, or nothing at all, are told apart too', async (t) => {
  const homeless = { email: null, phoneNumber: null }
  const lonely = relinked(5, { email: null, phoneNumber: 7 })
  t.equal(says(chained, lonely), null)
  t.match(says(chained, relinked(5, { ...homeless, linkedId: 1 })), 'contact 5 is reached from')
})

t.test('a merge that is missing, wrong, or recorded twice is seen', async (t) => {
  const merge = told.find(({ event }) => event.type === 'ContactsMerged') as Recorded
  const truth = 'the merge that follows from the facts is 3 into 1 by 5; the one recorded is'
  const without = fold(told.filter((one) => one !== merge))
  t.equal(says(merges, shown, without), `${truth} none`)
  for (const [change, recorded] of [
    [{ survivor: 2 }, '3 into 2 by 5'],
    [{ absorbed: [4] }, '4 into 1 by 5'],
    [{ cause: 4 }, '3 into 1 by 4']
  ] as const) {
    t.equal(says(merges, shown, retold(merge.position, change)), `${truth} ${recorded}`)
  }
  const twice = fold([...told, { ...merge, position: told.length + 1 }])
  const none = 'the merge that follows from the facts is none; the one recorded is 3 into 1 by 5'
  t.equal(says(merges, shown, twice), none)
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
  const forNothing = 'position 5 mints a contact for known values'
  t.equal(says(minted, shown, retold(5, { contact: 5 })), forNothing)
  t.equal(
    says(minted, shown, retold(7, { contact: null })),
    'position 7 mints none for a new value'
  )
})

t.test('whatever does not hold is said with its name', async (t) => {
  t.same(violations(shown, facts), [])
  t.same(violations(relinked(4, { linkedId: 3 }), retold(2, { contact: 3 })), [
    `${onePrimary}: contact 4 is linked to 3, which is no primary`,
    `${straight}: contact 4 is linked to the secondary 3`,
    `${chained}: contact 4 is reached from another identity by a chain of links`,
    `${inOrder}: position 2 mints 3 after 1`
  ])
})

holds(t, 'every invariant holds after each request of a history', history, (told) => {
  const facts = noFacts()
  told.forEach((recorded, nth) => {
    evolve(facts, recorded)
    if (told[nth + 1]?.event.type === 'ContactsMerged') return
    same(violations(conclude(facts), facts), [])
  })
})
