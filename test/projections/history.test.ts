import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { readingView } from '../../projections/reading-view.ts'
import { LedgerError } from '../../src/domain/errors.ts'
import type { LedgerEvent, Recorded } from '../../src/domain/event.ts'
import type { ReadingView } from '../../src/views.ts'
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

holds(
  t,
  'a history holds all that concerns its identity, and nothing else',
  decidedHistory,
  (told) =>
    shownBy([told], (db) => {
      const { history } = readingView(db)
      for (const contact of contactsIn(told)) {
        same(history(contact, 0, told.length + 1), concerning(contact, told), `contact ${contact}`)
      }
    })
)

holds(t, 'pages of any size make up the whole of it', decidedHistory, (told) =>
  shownBy([told], (db) => {
    const { history } = readingView(db)
    for (const contact of contactsIn(told)) {
      const whole = history(contact, 0, told.length + 1)
      same(inPages(history, contact, 1 + (contact % 4)), whole)
    }
  })
)

const stories: readonly (readonly [claim: string, told: Command[], history: string[][]])[] = [
  [
    'a merge belongs to the history of both that it joined, and of nobody else',
    [see('a@x', null), see(null, '1'), see('b@x', '2'), see('a@x', '1')],
    [
      ['1 ContactObserved', '2 ContactObserved', '4 ContactObserved', '5 ContactsMerged'],
      ['1 ContactObserved', '2 ContactObserved', '4 ContactObserved', '5 ContactsMerged'],
      ['3 ContactObserved']
    ]
  ],
  [
    'a shared value that is blocked shows in the history of each who carries it',
    [see('info@x', '1'), see('info@x', '2'), on('IdentifierBlocked', 'info@x')],
    [
      ['1 ContactObserved', '3 IdentifierBlocked', '4 ContactsSplit'],
      ['2 ContactObserved', '3 IdentifierBlocked', '4 ContactsSplit']
    ]
  ],
  [
    'a retraction stays beside what it retracted, and so does one that was made again',
    [see('a@x', '1'), see('typo@x', '1'), retract(2), retract(2)],
    [
      [
        '1 ContactObserved',
        '2 ContactObserved',
        '3 ObservationRetracted',
        '4 ObservationRetracted'
      ],
      ['1 ContactObserved', '2 ContactObserved', '3 ObservationRetracted', '4 ObservationRetracted']
    ]
  ],
  [
    'a sharing limit belongs where it parted or joined anybody',
    [
      see('a@x', '1'),
      see('b@x', '1'),
      see('c@x', '3'),
      limit('phone', 1),
      limit('email', 9),
      limit('phone', null)
    ],
    [
      [
        ...['1 ContactObserved', '2 ContactObserved', '4 SharingLimitSet', '5 ContactsSplit'],
        ...['7 SharingLimitSet', '8 ContactsMerged']
      ],
      [
        ...['1 ContactObserved', '2 ContactObserved', '4 SharingLimitSet', '5 ContactsSplit'],
        ...['7 SharingLimitSet', '8 ContactsMerged']
      ],
      ['3 ContactObserved']
    ]
  ],
  [
    'a decision on a link belongs to both of its ends, and taking it back as well',
    [
      ...[see('a@x', '1'), see('b@x', '2'), see('c@x', '3')],
      between('LinkAsserted', 'a@x', 'b@x'),
      between('AssertionWithdrawn', 'a@x', 'b@x')
    ],
    [
      [
        ...['1 ContactObserved', '4 LinkAsserted', '5 ContactsMerged'],
        ...['6 AssertionWithdrawn', '7 ContactsSplit']
      ],
      [
        ...['2 ContactObserved', '4 LinkAsserted', '5 ContactsMerged'],
        ...['6 AssertionWithdrawn', '7 ContactsSplit']
      ],
      ['3 ContactObserved']
    ]
  ]
]

for (const [claim, commands, histories] of stories) {
  t.test(claim, async (t) => {
    const found = afterTelling(commands, ({ view, history: told }) =>
      histories.map((_, nth) =>
        view
          .history(nth + 1, 0, 100)
          .map((position) => `${position} ${told[position - 1]?.event.type}`)
      )
    )
    t.strictSame(found, histories)
  })
}

t.test('nobody has a history who was never minted', async (t) => {
  shownBy([], (db) => {
    const unknown = new LedgerError('not_found', 'There is no contact 1.')
    t.throws(() => readingView(db).history(1, 0, 10), unknown)
  })
})

/** All that concerns a contact's identity, by the definitions and by looking at every event. */
function concerning(contact: number, told: readonly Recorded[]): number[] {
  const { groupOf, groupAtHome, groupOfIdentifier } = picture(told as readonly Told[])
  const group = groupOf(contact)
  const members = new Set(contactsIn(told).filter((id) => groupOf(id) === group))
  const isIts = (event: LedgerEvent) =>
    event.type === 'ContactObserved' &&
    (groupAtHome(event) === group || (event.contact !== null && members.has(event.contact)))
  const inComponent = (identifier: number) => groupOfIdentifier(identifier) === group
  const carried = new Set(
    told.flatMap(({ event, identifiers }) =>
      isIts(event) ? identifiers.map(({ number }) => number) : []
    )
  )
  const named = (event: LedgerEvent) =>
    (event.type === 'ContactsMerged' &&
      [event.survivor, ...event.absorbed].some((id) => members.has(id))) ||
    (event.type === 'ContactsSplit' &&
      [event.identity, ...event.parted.flatMap(({ contacts }) => contacts)].some((id) =>
        members.has(id)
      ))
  const causes = new Set(
    told.flatMap(({ event }) => ('cause' in event && named(event) ? [event.cause] : []))
  )
  const concerns = ({ event, position }: Recorded): boolean => {
    if (causes.has(position) || isIts(event) || named(event)) return true
    if ('observation' in event) return isIts((told[event.observation - 1] as Recorded).event)
    if ('identifier' in event) return carried.has(event.identifier) || inComponent(event.identifier)
    if (!('between' in event)) return false
    return event.between.some(inComponent) || event.between.every((one) => carried.has(one))
  }
  return told.filter(concerns).map(({ position }) => position)
}

function contactsIn(told: readonly Recorded[]): number[] {
  return told.flatMap(({ event }) =>
    event.type === 'ContactObserved' && event.contact !== null ? [event.contact] : []
  )
}

function inPages(history: ReadingView['history'], contact: number, size: number): number[] {
  const all: number[] = []
  for (let page = history(contact, 0, size); page.length > 0; ) {
    all.push(...page)
    page = history(contact, all.at(-1) ?? 0, size)
  }
  return all
}
