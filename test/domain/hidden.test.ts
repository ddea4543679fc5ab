import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { ContactObserved } from '../../src/domain/event.ts'
import { canLink, type Evidence } from '../../src/domain/graph.ts'
import { type Group, hidesAny } from '../../src/domain/groups.ts'
import { listsQuietly, mergesQuietly } from '../../src/domain/hidden.ts'
import { reshape } from '../../src/domain/reshape.ts'
import { groupAt } from '../../src/domain/standing.ts'
import {
  afterTelling,
  between,
  type Command,
  commands,
  on,
  retract,
  see,
  type Teller
} from '../support/decided-histories.ts'
import { emails, phones } from '../support/histories.ts'
import { holds } from '../support/holds.ts'

/** What contacts show, by their ids. */
const shown = (groups: readonly Group[]) =>
  new Map(
    groups
      .flatMap(({ contacts }) => contacts)
      .map(({ id, live, listsEmail, listsPhoneNumber }) => [
        id,
        [live, listsEmail, listsPhoneNumber]
      ])
  )

const numberOf = (view: Teller['view'], value: string) =>
  view.identifier({ kind: value.includes('@') ? 'email' : 'phone', value })?.number ?? 0

const observed = (email: number, phoneNumber: number): ContactObserved => ({
  type: 'ContactObserved',
  email,
  phoneNumber,
  contact: null,
  source: 'test',
  observedAt: 0
})

/** Whether both can link, in identities that list them. */
const stand = (evidence: Evidence, ends: readonly number[]) =>
  ends.every((end) => end > 0 && canLink(evidence, end) && evidence.carried(end))

holds(
  t,
  'a quiet merge shows nothing that was hidden',
  fc.tuple(commands, emails, phones),
  ([told, email, phone]) =>
    afterTelling(told, ({ view, history }) => {
      const { evidence } = view
      const ends = [numberOf(view, email), numberOf(view, phone)] as const
      if (!stand(evidence, ends)) return
      for (const end of ends) {
        if (hidesAny(groupAt(evidence, end)) || !mergesQuietly(evidence, end)) continue
        const position = history.length + 1
        const event = observed(...ends)
        const { graph, before, after } = reshape(evidence, { position, event, identifiers: [] })
        if (!ends.every((one) => canLink(graph, one))) continue
        same(shown(after), shown(before))
      }
    })
)

/** Whether the identity of a value merges quietly after these commands. */
const quiet = (value: string, ...told: readonly Command[]) =>
  afterTelling(told, ({ view }) => mergesQuietly(view.evidence, numberOf(view, value)))

t.test('a newcomer merges quietly with an identity that lost a contact', async (t) => {
  const told = [see('a@x', '1'), see('b@x', '1'), retract(2), see('c@x', '2')]
  t.equal(quiet('c@x', ...told), true)
})

t.test('two identities that both hide something merge as others do', async (t) => {
  const one = [see('a@x', '1'), see('b@x', '1'), retract(2)]
  const other = [see('c@x', '2'), see('d@x', '2'), retract(5)]
  const answer = afterTelling([...one, ...other, see('a@x', '2')], ({ outcomes }) =>
    outcomes.at(-1)
  )
  t.same(answer, {
    primaryContactId: 1,
    emails: ['a@x', 'c@x'],
    phoneNumbers: ['1', '2'],
    secondaryContactIds: [3]
  })
})

t.test('no merge is quiet of an identity that lists what somebody else hides', async (t) => {
  const blocked = [see('a@x', '1'), see('a@x', '2'), on('IdentifierBlocked', 'a@x')]
  t.equal(quiet('2', ...blocked), false)
  const again = [see('a@x', '1'), see('b@x', '1'), retract(2), see('b@x', '2')]
  t.equal(quiet('2', ...again), false)
})

t.test(
  'no merge is quiet of an identity that lists a value of another, or not its own',
  async (t) => {
    const forbidden = between('LinkForbidden', 'a@x', '2')
    t.equal(quiet('a@x', see('a@x', '1'), see('b@x', '2'), forbidden, see('a@x', '2')), false)
    const asserted = between('LinkAsserted', 'a@x', 'b@x')
    t.equal(quiet('a@x', see('a@x', '1'), see('b@x', '2'), asserted, retract(2)), false)
    t.equal(quiet('a@x', see('a@x', '1'), see('b@x', '1'), asserted, retract(2)), false)
    const away = [see('a@x', '1'), see('a@x', '2'), forbidden, see('b@x', '3')]
    t.equal(quiet('a@x', ...away, between('LinkAsserted', 'b@x', '2')), false)
  }
)

t.test('of a large identity it is not told whether it would merge quietly', async (t) => {
  const hub = Array.from({ length: 101 }, (_, nth) => see(`${nth}@x`, '1'))
  t.equal(quiet('1', ...hub.slice(0, 90)), true)
  t.equal(quiet('1', ...hub), false)
  const chain = Array.from({ length: 120 }, (_, nth) => see(`${nth >> 1}@x`, `${(nth + 1) >> 1}`))
  t.equal(quiet('1', ...chain.slice(0, 90)), true)
  t.equal(quiet('1', ...chain), false)
  const shop = Array.from({ length: 101 }, (_, nth) => see('shop@x', `${nth}`))
  t.equal(quiet('7', ...shop, on('IdentifierBlocked', 'shop@x')), false)
})

/** Whether the identity of a phone, which has so many contacts, can list a value after these commands. */
const listsMore = (value: string, phone: string, contacts: number, ...told: readonly Command[]) =>
  afterTelling(told, ({ view }) =>
    listsQuietly(
      view.evidence,
      { identifier: numberOf(view, phone), contacts },
      numberOf(view, value)
    )
  )

t.test('an identity lists a blocked value quietly unless somebody there hides it', async (t) => {
  const shop = [see('shop@x', '1'), on('IdentifierBlocked', 'shop@x'), see('a@x', '2')]
  t.equal(listsMore('shop@x', '2', 1, ...shop), true)
  t.equal(listsMore('shop@x', '1', 1, ...shop), true, 'it does already')
  const gone = [...shop, see('shop@x', '2'), retract(4)]
  t.equal(listsMore('shop@x', '2', 1, ...gone), false)
  t.equal(listsMore('shop@x', '2', 1, ...gone, see('b@x', '2'), see('b@x', '3')), false)
  t.equal(listsMore('shop@x', '3', 1, ...gone, see('b@x', '2'), see('b@x', '3')), false)
})

t.test('of a value that more share than an identity has contacts it is not told', async (t) => {
  const shop = [
    ...Array.from({ length: 101 }, (_, nth) => see('shop@x', `${nth}`)),
    on('IdentifierBlocked', 'shop@x'),
    see('a@x', '777')
  ]
  t.equal(listsMore('shop@x', '777', 1, ...shop), false)
  t.equal(listsMore('shop@x', '777', 101, ...shop), true)
})
