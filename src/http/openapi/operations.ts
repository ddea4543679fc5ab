import { keyForm } from '../../idempotency-key.ts'

/** What the document says of a route beyond its schemas. */
export type Operation = {
  /** Its name in generated clients. */
  readonly id: string
  readonly tag: 'Identities' | 'Decisions' | 'Proofs' | 'The log' | 'The service'
  readonly summary: string
  readonly description?: string
  /** The refusals that are its own, beside those that follow from what it takes and needs. */
  readonly refuses?: readonly number[]
  /** Whether it is answered without the ledger, so that it never waits for it. */
  readonly alone?: true
  /** Headers that it looks at, beside those that all do. */
  readonly headers?: Readonly<Record<string, object>>
  /** What is sent, and what is answered beside JSON, by media type, each with an example. */
  readonly sends?: Readonly<Record<string, string>>
  readonly answers?: Readonly<Record<string, string>>
}

/** The API: every route that is for programs, by its method and URL. */
export const operations: Readonly<Record<string, Operation>> = {
  'POST /identify': {
    id: 'identify',
    tag: 'Identities',
    summary: 'Record an email, a phone or both, and get the identity that holds them',
    description:
      'The answer is sent once its events are on disk. With `dryRun` the answer is the same, and nothing is recorded.',
    refuses: [409, 422],
    headers: {
      'idempotency-key': {
        type: 'string',
        pattern: keyForm.pattern,
        description:
          'The same key with the same body records nothing again; with another body it is answered 422.',
        examples: ['order-4711']
      }
    }
  },
  'POST /identify/batch': {
    id: 'identifyBatch',
    tag: 'Identities',
    summary: 'Record many, a line of JSON each, and get an answer to each line, in order',
    description:
      'A line is what `POST /identify` takes, with `idempotencyKey`, `source` and `observedAt`. Its answer has its number, its status and the identity, the primary, a receipt, or problem details.',
    sends: {
      'application/x-ndjson':
        '{"email":"george@hillvalley.edu","phoneNumber":"919191","observedAt":"2026-01-31T12:00:00Z"}\n'
    },
    answers: {
      'application/x-ndjson':
        '{"line":1,"status":200,"identity":{"primaryContactId":1,"emails":["george@hillvalley.edu"],"phoneNumbers":["919191"],"secondaryContactIds":[]}}\n'
    }
  },
  'POST /decisions': {
    id: 'decide',
    tag: 'Decisions',
    summary: 'Record an operator’s decision, and learn what it changed',
    description:
      'Where the service takes keys, the actor is the name of the key and may be left out. With `dryRun` the answer is the same, and nothing is recorded.',
    refuses: [404]
  },
  'GET /contacts/:id': {
    id: 'contact',
    tag: 'Identities',
    summary: 'A contact, and the identity that holds it',
    refuses: [404]
  },
  'GET /contacts': {
    id: 'identityOf',
    tag: 'Identities',
    summary: 'The identity of an email, a phone or both, without recording anything',
    refuses: [404, 409]
  },
  'GET /contacts/:id/history': {
    id: 'history',
    tag: 'The log',
    summary: 'All that happened to the identity of a contact',
    refuses: [404]
  },
  'GET /identities/:id/graph': {
    id: 'graph',
    tag: 'Proofs',
    summary: 'The evidence of an identity, named by any of its contacts, as nodes and links',
    refuses: [404]
  },
  'GET /identifiers/:identifier': {
    id: 'carriers',
    tag: 'Identities',
    summary: 'An email or a phone by itself, and the contacts that carry it',
    description:
      'Also answers for a value that is blocked or over its sharing limit, by which no identity is found.',
    refuses: [404]
  },
  'GET /why': {
    id: 'why',
    tag: 'Proofs',
    summary: 'Why two contacts or identifiers are one person, or why they are not',
    refuses: [404]
  },
  'GET /events': {
    id: 'events',
    tag: 'The log',
    summary: 'The log in its order, a page at a time or as a stream',
    description:
      'As `text/event-stream` it sends every event after `after`, or after `Last-Event-ID`, and then each new one once it is on disk.',
    refuses: [409],
    headers: {
      'last-event-id': {
        type: 'string',
        pattern: '^\\d{1,16}$',
        description: 'For a stream: the position after which it continues.',
        examples: ['41']
      }
    },
    answers: {
      'text/event-stream':
        'id: 42\nevent: ContactsMerged\ndata: {"position":42,"type":"ContactsMerged","recordedAt":"2026-01-31T12:00:00.000Z","data":{"survivor":1,"absorbed":[2],"cause":41}}\n\n'
    }
  },
  'GET /stats': { id: 'stats', tag: 'The service', summary: 'What the ledger holds, in numbers' },
  'GET /health/live': {
    id: 'live',
    tag: 'The service',
    summary: 'Whether the process is alive',
    alone: true
  },
  'GET /health/ready': {
    id: 'ready',
    tag: 'The service',
    summary: 'Whether requests are taken, and how far the ledger has come'
  },
  'GET /metrics': {
    id: 'metrics',
    tag: 'The service',
    summary: 'Numbers for Prometheus',
    alone: true,
    answers: { 'text/plain': '# TYPE ledger_contacts gauge\nledger_contacts 3\n' }
  },
  'GET /openapi.json': {
    id: 'openapi',
    tag: 'The service',
    summary: 'This document',
    alone: true
  }
}
