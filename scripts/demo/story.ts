import { decided, type Happening, order } from './happening.ts'
import { town } from './town.ts'

/** How many days the demonstration tells of. */
export const length = 42

const mail = (value: string) => ({ kind: 'email', value }) as const
const phone = (value: string) => ({ kind: 'phone', value }) as const

/** The task's statement: two contacts of one person, and two people who turn out to be one. */
const statement: readonly Happening[] = [
  order(0, 'lorraine@hillvalley.edu', '123456'),
  order(1, 'mcfly@hillvalley.edu', '123456', 1),
  order(2, 'george@hillvalley.edu', '919191'),
  order(4, 'biffsucks@hillvalley.edu', '717171', 2),
  order(9, 'george@hillvalley.edu', '717171', 1),
  order(16, 'george@hillvalley.edu', '919191', 2)
]

/** Whoever has no email gets the shop's, until somebody looks. */
const mailbox: readonly Happening[] = [
  ...['303001', '303002', '303003', '303004', '303005', '303006'].map((number, nth) =>
    order(3 + nth * 3, 'info@shop.example', number, nth)
  ),
  order(12, 'jennifer@hillvalley.edu', '303002'),
  order(17, 'strickland@hillvalley.edu', '303004', 1),
  decided(24, {
    type: 'IdentifierBlocked',
    identifier: mail('info@shop.example'),
    actor: 'ann',
    reason: 'the shop’s own mailbox, typed in for whoever has none'
  })
]

/** A cashier types his own number where a customer gives none. */
const cashier: readonly Happening[] = [
  ...['emmett', 'verne', 'jules', 'clara', 'seamus'].map((name, nth) =>
    order(5 + nth * 2, `${name}@hillvalley.edu`, '5550100', nth)
  ),
  decided(27, {
    type: 'IdentifierBlocked',
    identifier: phone('5550100'),
    actor: 'ben',
    reason: 'a cashier’s own phone'
  })
]

/** A number that was given up and given to another; twins; a typo; what only a person can know. */
const corrections: readonly Happening[] = [
  order(6, 'marty@hillvalley.edu', '555001'),
  order(11, 'marty@hillvalley.edu', '555002', 2),
  order(20, 'needles@hillvalley.edu', '555001', 1),
  decided(29, {
    type: 'LinkForbidden',
    between: [mail('marty@hillvalley.edu'), phone('555001')],
    actor: 'ann',
    reason: 'he gave that number up; the provider gave it to another'
  }),
  order(8, 'liz@home.example', '111222'),
  order(9, 'beth@home.example', '111333'),
  decided(10, {
    type: 'LinkForbidden',
    between: [mail('liz@home.example'), phone('111333')],
    actor: 'ann',
    reason: 'twins who order for each other'
  }),
  order(15, 'liz@home.example', '111333', 1),
  order(21, 'goldie@hillvalley.edu', '404001'),
  order(30, 'mayor.wilson@hillvalley.edu', '404002', 2),
  decided(33, {
    type: 'LinkAsserted',
    between: [mail('goldie@hillvalley.edu'), mail('mayor.wilson@hillvalley.edu')],
    actor: 'ben',
    reason: 'he showed his passport at the counter'
  })
]

/** An office whose people all order by one mailbox. Nobody has decided anything about it yet. */
const office: readonly Happening[] = [
  ...Array.from({ length: 14 }, (_, nth) =>
    order(2 + nth * 2, 'orders@office.example', `60010${nth + 10}`, nth)
  ),
  ...Array.from({ length: 8 }, (_, nth) =>
    order(18 + nth * 2, `desk${nth + 1}@office.example`, `60010${nth + 12}`, nth + 1)
  ),
  order(36, 'desk3@office.example', '6001013')
]

/** All that happens, in order. */
export const story: readonly Happening[] = [
  ...statement,
  ...mailbox,
  ...cashier,
  ...corrections,
  ...office,
  ...town(length)
].sort((one, other) => one.day - other.day)
