const time = '2026-01-31T12:00:00.000Z'
const [george, biff] = ['email:george@hillvalley.edu', 'email:biffsucks@hillvalley.edu']
const shared = 'phone:717171'

export const observation = { email: 'george@hillvalley.edu', phoneNumber: '717171' }

export const batchLine = { ...observation, idempotencyKey: 'order-4711', observedAt: time }

export const identity = {
  primaryContactId: 1,
  emails: ['george@hillvalley.edu', 'biffsucks@hillvalley.edu'],
  phoneNumbers: ['919191', '717171'],
  secondaryContactIds: [2]
}

export const contact = {
  id: 2,
  phoneNumber: '717171',
  email: 'biffsucks@hillvalley.edu',
  linkedId: 1,
  linkPrecedence: 'secondary',
  createdAt: time,
  updatedAt: time,
  deletedAt: null
}

export const decision = {
  type: 'IdentifierBlocked',
  identifier: shared,
  actor: 'ann',
  reason: 'the shop’s own phone'
}

export const decisionMade = {
  position: 5,
  type: 'IdentifierBlocked',
  changed: true,
  before: [identity],
  after: [
    {
      primaryContactId: 1,
      emails: ['george@hillvalley.edu'],
      phoneNumbers: ['919191', '717171'],
      secondaryContactIds: []
    },
    {
      primaryContactId: 2,
      emails: ['biffsucks@hillvalley.edu'],
      phoneNumbers: ['717171'],
      secondaryContactIds: []
    }
  ],
  moved: [{ contact: 2, from: 1, to: 2 }],
  primaries: { gained: [2], lost: [] },
  outcomes: [
    {
      position: 6,
      type: 'ContactsSplit',
      data: { identity: 1, parted: [{ primary: 2, contacts: [2] }], cause: 5 }
    }
  ]
}

export const event = {
  position: 3,
  type: 'ContactObserved',
  recordedAt: time,
  data: {
    email: 'george@hillvalley.edu',
    phoneNumber: '717171',
    contact: null,
    source: 'http',
    observedAt: time,
    requestId: 'k3_x9-Qa.1z',
    correlationId: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  }
}

const moment = (position: number) => ({ position, time })
const once = (position: number) => ({
  evidence: { count: 1, first: moment(position), latest: moment(position) },
  asserted: null
})

export const why = {
  connected: true,
  from: george,
  to: biff,
  chain: [
    { from: george, to: shared, ...once(3) },
    { from: shared, to: biff, ...once(2) }
  ],
  joinedBy: { type: 'ContactsMerged', ...moment(4), observation: 3 },
  how: [
    { from: shared, to: biff, since: { type: 'ContactObserved', ...moment(2) }, merge: null },
    { from: george, to: shared, since: { type: 'ContactObserved', ...moment(3) }, merge: 4 }
  ],
  strength: { independentChains: 1, weakPoints: [shared] },
  parted: null,
  but: null,
  unsearched: []
}

const node = (identifier: string, contacts: number[], more: object = {}) => ({
  ...{ identifier, sharing: 1, links: true, articulation: false, contacts },
  ...more
})
const link = (from: string, to: string, at: number) => ({
  ...{ from, to, state: 'live', count: 1, first: at, latest: at, asserted: null }
})

export const carriers = {
  identifier: shared,
  links: false,
  sharing: 2,
  contacts: [1, 2],
  more: false
}

export const graph = {
  primaryContactId: 1,
  nodes: [
    node(george, [1], { sharing: 2 }),
    node(biff, [2]),
    node(shared, [2], { sharing: 2, articulation: true })
  ],
  links: [link(george, shared, 3), link(shared, biff, 2)]
}

export const stats = {
  events: 4,
  contacts: 2,
  identities: 1,
  byType: { ContactObserved: 3, ContactsMerged: 1 },
  sizes: [
    { from: 1, to: 1, identities: 0 },
    { from: 2, to: 2, identities: 1 }
  ],
  largest: [{ primaryContactId: 1, contacts: 2 }],
  mostShared: [],
  days: [{ day: '2026-01-31', merges: 1, splits: 0 }]
}

export const problem = {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  detail: 'The email or the phone number is not acceptable.',
  errors: [{ path: '/email', message: 'must have exactly one @ with something on both sides' }]
}
