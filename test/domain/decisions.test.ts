import t from 'tap'
import type { DecisionMade } from '../../src/decision.ts'
import { answerOfGroup } from '../../src/domain/answer.ts'
import { differenceOf } from '../../src/domain/difference.ts'
import type { Decision, LedgerEvent } from '../../src/domain/event.ts'
import { outcomesOf, reshape } from '../../src/domain/reshape.ts'
import { groupOfContact, groupOfValues } from '../../src/domain/standing.ts'
import {
  afterTelling,
  between,
  type Command,
  limit,
  on,
  retract,
  see,
  type Teller
} from '../support/decided-histories.ts'

const [a, b, c, d] = ['a@x', 'b@x', 'c@x', 'd@x']

/** Each identity after these commands: its contacts, the primary first, and its values. */
const people = (...told: readonly Command[]) => afterTelling(told, identities)

/** The contacts that are withdrawn after these commands. */
const withdrawn = (...told: readonly Command[]) =>
  afterTelling(told, (teller) =>
    contactsOf(teller).flatMap(({ contact }) => (contact.deletedAt === null ? [] : [contact.id]))
  )

/** What the last of these commands put on record, by numbers. */
const news = (...told: readonly Command[]): LedgerEvent[] =>
  afterTelling(told, ({ history }) => {
    const last = history.findLast(({ event }) => !('cause' in event))
    return history.slice((last?.position ?? 0) - 1).map(({ event }) => event)
  })

/** What the last of these commands, a decision, says that it changed. */
const changes = (...told: readonly Command[]) =>
  afterTelling(told, ({ outcomes }) => {
    const { changed, before, after, moved } = outcomes.at(-1) as DecisionMade
    return { changed, before, after, moved }
  })

const nothing = { changed: false, before: [], after: [], moved: [] }

const identity = (primaryContactId: number, emails: string[], phoneNumbers: string[]) => ({
  primaryContactId,
  emails,
  phoneNumbers,
  secondaryContactIds: []
})

/** Three people who gave one phone number. */
const shared = [see(a, '1'), see(b, '1'), see(c, '1')]
const apart = ['1: a@x 1', '2: b@x 1', '3: c@x 1']
const joined = ['1,2,3: a@x b@x c@x 1']

t.test('a blocked value links nobody, before or after', async (t) => {
  const block = on('IdentifierBlocked', '1')
  t.same(people(...shared), joined)
  t.same(people(...shared, block), apart)
  t.same(people(see(a, '1'), block, see(b, '1'), see(c, '1')), apart)
})

t.test('identical requests with a blocked value alone meet, strangers do not', async (t) => {
  const blocked = [see(a, '1'), on('IdentifierBlocked', '1')]
  t.same(people(...blocked, see(null, '1'), see(null, '1')), ['1: a@x 1', '2: 1'])
  const both = [...blocked, on('IdentifierBlocked', a)]
  t.same(people(...both, see(a, '1'), see(a, null), see(null, '1'), see(a, null)), [
    '1: a@x 1',
    '2: a@x',
    '3: 1'
  ])
})

t.test('a block and an unblock give back the identities from before', async (t) => {
  const told = [...shared, see(d, '2')]
  const there = [...told, on('IdentifierBlocked', '1')]
  t.same(people(...there, on('IdentifierUnblocked', '1')), people(...told))
})

t.test('a forbidden link is not live, whatever is observed', async (t) => {
  const strangers = [see(a, '1'), see(b, '2')]
  const forbid = between('LinkForbidden', a, '2')
  const two = ['1,3: a@x 1 2', '2: b@x 2']
  t.same(people(...strangers, see(a, '2')), ['1,2: a@x b@x 1 2'])
  t.same(people(...strangers, forbid, see(a, '2'), see(a, '2')), two)
  t.same(people(...strangers, between('LinkForbidden', '2', a), see(a, '2')), two)
  t.same(people(...strangers, forbid, between('LinkAsserted', a, '2')), ['1: a@x 1', '2: b@x 2'])
  t.same(people(...strangers, forbid, see(a, '2'), between('LinkAllowed', '2', a)), [
    '1,2,3: a@x b@x 1 2'
  ])
})

t.test('an assertion links what was never seen together', async (t) => {
  const strangers = [see(a, '1'), see(b, null), see(null, '3')]
  const assert = [between('LinkAsserted', a, b), between('LinkAsserted', '3', '1')]
  const one = ['1,2,3: a@x b@x 1 3']
  t.same(people(...strangers, ...assert), one)
  t.same(people(...strangers, ...assert, between('AssertionWithdrawn', b, a)), [
    '1,3: a@x 1 3',
    '2: b@x'
  ])
  const observed = [...strangers, see(b, '1'), ...assert]
  t.same(people(...observed, between('AssertionWithdrawn', a, b)), one, 'unless others link it')
})

t.test('what is forbidden and what is asserted are two things', async (t) => {
  const asserted = [see(a, null), see(b, null), between('LinkAsserted', a, b)]
  const forbidden = [...asserted, between('LinkForbidden', a, b)]
  t.same(people(...forbidden), ['1: a@x', '2: b@x'])
  t.same(people(...forbidden, between('LinkAllowed', a, b)), ['1,2: a@x b@x'])
})

t.test('a value seen with more than the limit links nobody, whichever came first', async (t) => {
  const events = [...shared, limit('phone', 2)]
  for (const order of ordersOf([0, 1, 2, 3])) {
    const told = order.map((nth) => events[nth] as Command)
    const valuesOf = (person: string) => person.split(' ').slice(1).join(' ')
    t.same(
      people(...told)
        .map(valuesOf)
        .sort(),
      apart.map(valuesOf),
      String(order)
    )
  }
  t.same(people(...shared, limit('phone', 3)), joined, 'up to the limit it does')
  t.same(people(...shared, limit('email', 0)), ['1,2,3: a@x b@x c@x 1'], 'the other kind links')
  t.same(people(...shared, limit('phone', 2), limit('phone', null)), joined, 'none lifts it')
})

t.test('links that are forbidden or retracted do not count towards the limit', async (t) => {
  const over = [...shared, limit('phone', 2)]
  const two = ['1: a@x 1', '2,3: b@x c@x 1']
  t.same(people(...over, between('LinkForbidden', a, '1')), two)
  t.same(people(...over, retract(1)), ['1,2,3: b@x c@x 1'], 'the first brought the phone')
  t.same(people(...over, see(a, '1'), retract(1)), apart, 'it was seen again')
})

t.test('of two decisions on one thing the later holds', async (t) => {
  const told = [...shared, see(d, null)]
  const twice = <T extends string>(one: T, other: T, decide: (type: T) => Command) => [
    people(...told, decide(one), decide(other), decide(one)),
    people(...told, decide(one))
  ]
  const contradictions = [
    twice('IdentifierBlocked', 'IdentifierUnblocked', (type) => on(type, '1')),
    twice('IdentifierUnblocked', 'IdentifierBlocked', (type) => on(type, '1')),
    twice('LinkForbidden', 'LinkAllowed', (type) => between(type, a, '1')),
    twice('LinkAllowed', 'LinkForbidden', (type) => between(type, a, '1')),
    twice('LinkAsserted', 'AssertionWithdrawn', (type) => between(type, a, d)),
    twice('AssertionWithdrawn', 'LinkAsserted', (type) => between(type, a, d))
  ]
  for (const [again, once] of contradictions) t.same(again, once)
  t.same(people(...told, limit('phone', 0), limit('phone', 2)), people(...told, limit('phone', 2)))
})

t.test('a value that no live observation carries is not listed any more', async (t) => {
  const told = [see(a, '1'), see(a, '2'), see(a, null)]
  t.same(people(...told, retract(2)), ['1: a@x 1'])
  t.same(people(...told, retract(1)), ['1,2: a@x 2'], 'its other value is listed still')
  t.same(people(...told, retract(1), retract(2)), ['1: a@x'])
})

t.test('a contact is withdrawn once nothing that it brought is listed', async (t) => {
  const told = [see(a, '1'), see(b, '1')]
  t.same(withdrawn(...told), [])
  t.same(withdrawn(...told, retract(1)), [], 'the phone is listed still')
  t.same(withdrawn(...told, retract(2)), [2], 'others show the phone, but it brought the email')
  t.same(withdrawn(...told, see(b, null), retract(2)), [2], 'the email stands by itself now')
  t.same(withdrawn(...told, retract(1), retract(2)), [1, 2])
  t.same(people(...told, retract(1), retract(2)), [], 'and nobody is left')
})

t.test('a contact that was withdrawn comes back when it is seen again', async (t) => {
  const told = [see(a, '1'), see(b, '1'), retract(2)]
  t.same(people(...told, see(b, '1')), ['1,2: a@x b@x 1'])
  t.match(news(...told, see(b, '1')), [{ contact: null }], 'and no contact is minted for it')
  t.same(people(...told, see(b, null)), ['1: a@x 1', '3: b@x'], 'elsewhere it is somebody else')
  t.match(news(...told, see(b, null)), [{ contact: 3, introduces: [3] }])
})

t.test('a contact whose observation was retracted stands by what was seen longest', async (t) => {
  const told = [see(null, '1'), see(a, null), between('LinkForbidden', a, '1'), see(a, '1')]
  t.same(people(...told), ['1: 1', '2,3: a@x 1'])
  t.same(people(...told, retract(4)), ['1,3: 1', '2: a@x'])
})

t.test('after a split the part with the oldest contact goes on under its name', async (t) => {
  const one = [see(a, '1'), see(b, '1'), see(b, '2'), see(c, '2')]
  t.same(people(...one, between('LinkForbidden', b, '1')), ['1: a@x 1', '2,3,4: b@x c@x 1 2'])
  t.same(people(...one, on('IdentifierBlocked', b)), ['1,2: a@x b@x 1', '3,4: b@x c@x 2'])
})

t.test('the outcomes of a decision stand right after it', async (t) => {
  t.match(news(...shared, on('IdentifierBlocked', '1')), [
    { type: 'IdentifierBlocked', identifier: 2 },
    {
      type: 'ContactsSplit',
      identity: 1,
      parted: [
        { primary: 2, contacts: [2] },
        { primary: 3, contacts: [3] }
      ],
      cause: 4
    }
  ])
  const blocked = [...shared, on('IdentifierBlocked', '1')]
  t.match(news(...blocked, on('IdentifierUnblocked', '1')), [
    { type: 'IdentifierUnblocked' },
    { type: 'ContactsMerged', survivor: 1, absorbed: [2, 3], cause: 6 }
  ])
})

t.test('the outcomes of an observation stand right after it, and may be splits', async (t) => {
  t.match(news(limit('phone', 2), ...shared), [
    { type: 'ContactObserved', contact: 3 },
    { type: 'ContactsSplit', identity: 1, parted: [{ primary: 2, contacts: [2] }], cause: 4 }
  ])
})

t.test('splits stand before merges', async (t) => {
  const told = [see(null, '1'), see(a, null), between('LinkForbidden', a, '1'), see(a, '1')]
  t.match(news(...told, retract(4)), [
    { type: 'ObservationRetracted' },
    { type: 'ContactsSplit', identity: 2, parted: [{ primary: 3, contacts: [3] }], cause: 5 },
    { type: 'ContactsMerged', survivor: 1, absorbed: [3], cause: 5 }
  ])
})

t.test('an identity is found by what it lists, and by what its contacts gave', async (t) => {
  const told = [see(a, '1'), see(b, '1'), on('IdentifierBlocked', '1'), see(null, '1')]
  afterTelling(told, ({ view: { evidence } }) => {
    const at = (email: number, phoneNumber: number) =>
      answerOfGroup(evidence, groupOfValues(evidence, { email, phoneNumber }))
    t.same(at(1, 0), identity(1, [a], ['1']))
    t.same(at(1, 2), identity(1, [a], ['1']), 'a blocked value tells nothing')
    t.same(at(0, 2), identity(3, [], ['1']), 'by itself it stands for those who gave it alone')
    t.equal(at(0, 4), null, 'of what was never seen there is none')
    const minted = (id: number) => groupOfContact(evidence, { email: 3, phoneNumber: 2 }, id)
    t.same(minted(2)?.identifiers, [3])
    t.equal(minted(1), null, 'another contact gave other values')
  })
})

t.test('a contact says what it brought where that is not just what is new', async (t) => {
  const limited = [see(a, '1'), limit('phone', 0)]
  const [news1] = news(...limited, see(b, '2'))
  t.match(news1, { contact: 2, email: 3, phoneNumber: 4 })
  t.notOk(Object.hasOwn(news1 ?? {}, 'introduces'), 'two new values')
  t.match(news(...limited, see(b, '1')), [{ contact: 2, introduces: [3, 2] }])
  t.match(news(...limited, see(a, '1')), [{ contact: null }], 'nothing')
})

t.test('a decision says what it changed, the largest identity first', async (t) => {
  const told = [see(d, '2'), ...shared]
  const three = { ...identity(2, [a, b, c], ['1']), secondaryContactIds: [3, 4] }
  const parts = [identity(2, [a], ['1']), identity(3, [b], ['1']), identity(4, [c], ['1'])]
  const blocked = [...told, on('IdentifierBlocked', '1')]
  t.same(changes(...blocked), {
    changed: true,
    before: [three],
    after: parts,
    moved: [
      { contact: 3, from: 2, to: 3 },
      { contact: 4, from: 2, to: 4 }
    ]
  })
  t.same(changes(...blocked, between('LinkAsserted', a, d)), {
    changed: true,
    before: [identity(1, [d], ['2']), identity(2, [a], ['1'])],
    after: [{ ...identity(1, [d, a], ['2', '1']), secondaryContactIds: [2] }],
    moved: [{ contact: 2, from: 2, to: 1 }]
  })
  const two = [...told, see(b, '2'), between('LinkForbidden', b, '2')]
  t.same(changes(...two, limit('phone', 0)).before, [three], 'who is alone stays as he is')
})

t.test('a decision says who is withdrawn, and who comes back', async (t) => {
  const told = [see(a, '1'), see(b, '1')]
  t.same(changes(...told, retract(2)).moved, [{ contact: 2, from: 1, to: null }])
  const elsewhere = [...told, see(b, null), retract(2)]
  t.same(changes(...elsewhere, between('LinkAsserted', a, b)).moved, [
    { contact: 2, from: null, to: 1 }
  ])
  const gone = [see(a, '1'), see(b, null), retract(1)]
  t.same(people(...gone), ['2: b@x'])
  t.match(news(...gone, see(a, null)), [{ contact: null }], 'under its own name')
})

t.test('deciding what holds already changes nothing', async (t) => {
  const told = [...shared, see(d, null)]
  for (const decision of [
    on('IdentifierBlocked', '1'),
    on('IdentifierUnblocked', '1'),
    between('LinkForbidden', a, '1'),
    between('LinkAllowed', a, '1'),
    between('LinkAsserted', a, d),
    between('AssertionWithdrawn', a, d),
    limit('phone', 2),
    limit('phone', null),
    retract(1)
  ]) {
    const claim = JSON.stringify(decision)
    t.same(changes(...told, decision, decision), nothing, claim)
    t.equal(news(...told, decision, decision).length, 1, 'and is on record alone')
  }
})

t.test('a decision that touches no identity changes nothing', async (t) => {
  const told = [see(a, '1'), see(b, '2')]
  for (const decision of [
    on('IdentifierBlocked', '1'),
    between('LinkForbidden', a, '2'),
    limit('email', 1),
    between('LinkAsserted', a, '1')
  ]) {
    t.same(changes(...told, decision), nothing, JSON.stringify(decision))
  }
})

t.test(
  'nothing is decided about what was never observed, nor about a link to itself',
  async (t) => {
    const refused: [Command, string][] = [
      [on('IdentifierBlocked', '2'), 'not_found'],
      [between('LinkForbidden', a, '2'), 'not_found'],
      [between('LinkAsserted', '2', a), 'not_found'],
      [retract(2), 'not_found'],
      [between('LinkAsserted', a, a), 'invalid']
    ]
    for (const [decision, code] of refused) {
      afterTelling([see(a, '1'), decision], ({ history, outcomes }) => {
        t.match(outcomes[1], { name: 'LedgerError', code }, JSON.stringify(decision))
        t.equal(history.length, 1, 'and nothing is put on record')
      })
    }
  }
)

t.test(
  'a decision on what nobody knows, as a damaged log may have it, changes nothing',
  async (t) => {
    const said = { actor: 'ann', reason: 'a test' }
    const unknown: readonly Decision[] = [
      { type: 'ObservationRetracted', observation: 9, ...said },
      { type: 'IdentifierBlocked', identifier: 9, ...said },
      { type: 'LinkForbidden', between: [1, 9], ...said },
      { type: 'LinkAsserted', between: [9, 1], ...said }
    ]
    for (const event of unknown) {
      afterTelling([see(a, '1')], ({ view: { evidence } }) => {
        const reshaping = reshape(evidence, { position: 2, event, identifiers: [] })
        t.same(differenceOf(reshaping), nothing, event.type)
        t.same(outcomesOf(reshaping, 2), [])
      })
    }
  }
)

t.test('an observation that was retracted is made again, not taken back', async (t) => {
  const told = [see(a, '1'), see(b, '2'), see(a, '2'), retract(3)]
  t.same(people(...told), ['1: a@x 1', '2: b@x 2'])
  t.same(people(...told, see(a, '2')), ['1,2: a@x b@x 1 2'])
})

function contactsOf({ view }: Teller) {
  const ids = Array.from({ length: view.latest().contact }, (_, nth) => nth + 1)
  return ids.map((id) => view.contact(id)).filter((found) => found !== null)
}

function identities(teller: Teller): string[] {
  return contactsOf(teller).flatMap(({ contact, identity }) => {
    if (identity?.primaryContactId !== contact.id) return []
    const { emails, phoneNumbers, secondaryContactIds } = identity
    const values = [...emails, ...phoneNumbers].join(' ')
    return [`${[contact.id, ...secondaryContactIds].join()}: ${values}`]
  })
}

function ordersOf(all: readonly number[]): number[][] {
  if (all.length === 0) return [[]]
  return all.flatMap((one) =>
    ordersOf(all.filter((other) => other !== one)).map((rest) => [one, ...rest])
  )
}
