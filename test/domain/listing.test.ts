import { ok, deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { answerOf, type Member } from '../../src/domain/answer.ts'
import {
  answerOfKnown,
  groupOf,
  joined,
  joinedBy,
  type KnownGroup,
  lists,
  whole
} from '../../src/domain/known-group.ts'
import {
  answerFrom,
  hasValue,
  join,
  list,
  listingOf,
  mergeByAge
} from '../../src/domain/listing.ts'
import { asked, emails, phones, tell } from '../support/histories.ts'
import { holds } from '../support/holds.ts'

const byAge = (a: Member, b: Member) => a.id - b.id

/** Groups of contacts, each oldest first, their ages and values all over each other. The first has one. */
const groups: fc.Arbitrary<Member[][]> = fc
  .array(fc.tuple(fc.option(emails), fc.option(phones), fc.nat({ max: 3 })), {
    maxLength: 20,
    size: 'max'
  })
  .map((contacts) => {
    const parts: Member[][] = [[], [], [], []]
    contacts.forEach(([email, phoneNumber, part], nth) => {
      parts[part]?.push({ id: nth + 1, email, phoneNumber })
    })
    return parts
  })
  .filter(([one]) => one !== undefined && one.length > 0)

holds(t, 'contacts of two groups go by age', groups, ([one = [], other = []]) => {
  const merged = [...one]
  mergeByAge(merged, other)
  same(merged, [...one, ...other].sort(byAge))
})

holds(t, 'a listing that is kept answers as if all were listed anew', groups, (parts) => {
  const listing = listingOf([])
  const contacts: Member[] = []
  for (const part of parts) {
    list(listing, part)
    mergeByAge(contacts, part)
    const answer = answerOf(contacts)
    same(answerFrom(listing, contacts), answer)
    for (const value of ['a@x', '1']) {
      same(hasValue(listing, 'email', value), answer.emails.includes(value))
      same(hasValue(listing, 'phoneNumber', value), answer.phoneNumbers.includes(value))
    }
  }
})

for (const many of [1, 3, 1_000]) {
  holds(
    t,
    `listings join to that of all, with maps apart from ${many} values on`,
    groups,
    (parts) => {
      const listing = listingOf([])
      const contacts: Member[] = []
      for (const part of parts) {
        join(listing, listingOf(part), many)
        mergeByAge(contacts, part)
        same(answerFrom(listing, contacts), answerOf(contacts))
      }
      ok(listing.emails.oldest.length <= 4, 'each new value is looked up in few maps')
      const oldest: Member = { id: 0, email: parts[0]?.[0]?.email ?? null, phoneNumber: '1' }
      list(listing, [oldest])
      same(answerFrom(listing, [oldest, ...contacts]), answerOf([oldest, ...contacts]))
    }
  )

  holds(
    t,
    `a listing that others joined can join another, with maps apart from ${many} values on`,
    groups,
    ([one = [], two = [], three = [], late = []]) => {
      const [listing, other] = [listingOf(one), listingOf(two)]
      join(other, listingOf(three), many)
      join(listing, other, many)
      const contacts = [one, two, three].flat().sort(byAge)
      same(answerFrom(listing, contacts), answerOf(contacts))
      list(listing, late)
      mergeByAge(contacts, late)
      same(answerFrom(listing, contacts), answerOf(contacts))
    }
  )
}

holds(
  t,
  'an answer does not change with the identity that it told',
  groups,
  ([one = [], ...more]) => {
    const listing = listingOf(one)
    const answer = answerFrom(listing, one)
    const then = structuredClone(answer)
    for (const part of more) list(listing, part)
    same(answer, then)
  }
)

/** So many contacts, each with an email of its own and a phone that it shares with ten others. */
const contactsOf = (name: string, ids: readonly number[]): Member[] =>
  ids.map((id, nth) => {
    return { id, email: `${name}${nth}@x`, phoneNumber: `${name}${Math.floor(nth / 10)}` }
  })

t.test('a large identity is answered as a small one is, however it grows', async (t) => {
  const ids = Array.from({ length: 2_600 }, (_, nth) => nth + 1)
  const [a, b, c] = [
    groupOf(
      contactsOf(
        'a',
        ids.filter((id) => id % 2 === 0)
      ),
      false
    ),
    groupOf(
      contactsOf(
        'b',
        ids.filter((id) => id % 4 === 1)
      ),
      false
    ),
    groupOf(
      contactsOf(
        'c',
        ids.filter((id) => id % 4 === 3)
      ),
      false
    )
  ]
  const contacts = [a, b, c].map((group) => [...group.contacts])
  const answers = [answerOfKnown(a)]
  joined(b, a)
  answers.push(answerOfKnown(whole(b)))
  joinedBy(whole(b), { id: 3_000, email: 'new@x', phoneNumber: 'a1' })
  joined(whole(a), c)
  answers.push(answerOfKnown(whole(c)))
  const [ofA = [], ofB = [], ofC = []] = contacts
  const young = { id: 3_000, email: 'new@x', phoneNumber: 'a1' }
  t.same(answers, [
    answerOf(ofA),
    answerOf([...ofA, ...ofB].sort(byAge)),
    answerOf([...ofA, ...ofB, ...ofC, young].sort(byAge))
  ])
})

t.test('two large identities that were both answered are answered as one', async (t) => {
  const ids = Array.from({ length: 2_100 }, (_, nth) => nth + 1)
  const parts = [0, 1].map((part) =>
    contactsOf(
      `${part}`,
      ids.filter((id) => id % 2 === part)
    )
  )
  const [a, b] = parts.map((contacts) => groupOf([...contacts], false)) as [KnownGroup, KnownGroup]
  answerOfKnown(a)
  answerOfKnown(b)
  t.same(answerOfKnown(joined(a, b)), answerOf(parts.flat().sort(byAge)))
})

for (const size of [10, 1_200]) {
  t.test(`an identity of ${size} lists what its contacts show, and nothing else`, async (t) => {
    const ids = Array.from({ length: size }, (_, nth) => nth)
    const group = groupOf(contactsOf('a', ids), false)
    const listed = () => [
      lists(group, 'email', `a${size - 1}@x`),
      lists(group, 'phoneNumber', 'a0'),
      lists(group, 'email', 'new@x'),
      lists(group, 'phoneNumber', `a${size - 1}@x`)
    ]
    t.same(listed(), [true, true, false, false])
    joinedBy(group, { id: size, email: 'new@x', phoneNumber: null })
    t.same(listed(), [true, true, true, false], 'as soon as it is shown')
  })
}

t.test('each answer of an identity that grows large is its own', async (t) => {
  const requests = Array.from({ length: 1_200 }, (_, nth) => asked(`${nth}@x`, '1'))
  const { answers } = tell(requests)
  for (const nth of [0, 998, 999, 1_000, 1_199]) {
    t.equal(answers[nth]?.emails.length, nth + 1)
    t.equal(answers[nth]?.secondaryContactIds.length, nth)
    t.same(answers[nth]?.phoneNumbers, ['1'])
  }
})
