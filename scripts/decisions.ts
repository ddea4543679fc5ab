import type { DecisionBody } from '../src/decision-body.ts'
import { LedgerError } from '../src/domain/errors.ts'
import { inWords } from './decision-text.ts'
import { makeDecision } from './make-decision.ts'
import { exit, print, printJson, type Verb } from './verb.ts'
import { wholeNumber } from './whole-number.ts'

/** A decision but for who made it and why. */
type About<D = DecisionBody> = D extends DecisionBody ? Omit<D, 'actor' | 'reason'> : never

/** A verb that decides: its summary, its arguments with their help, and what they come to. */
type Row = readonly [
  summary: string,
  takes: Readonly<Record<string, string>>,
  about: (one: string, other: string) => About
]

const identifier = { identifier: 'email:ADDRESS or phone:NUMBER' }
const link = { one: 'email:ADDRESS or phone:NUMBER', other: 'email:ADDRESS or phone:NUMBER' }

const table: Readonly<Record<string, Row>> = {
  retract: [
    'stop counting an observation; this can’t be undone',
    { observation: 'its position in the log' },
    (at) => ({ type: 'ObservationRetracted', observation: wholeNumber('observation', at, 1) })
  ],
  block: [
    'stop an identifier from linking contacts',
    identifier,
    (identifier) => ({ type: 'IdentifierBlocked', identifier })
  ],
  unblock: [
    'let a blocked identifier link contacts again',
    identifier,
    (identifier) => ({ type: 'IdentifierUnblocked', identifier })
  ],
  forbid: [
    'never link two identifiers, whatever is observed',
    link,
    (...between) => ({ type: 'LinkForbidden', between })
  ],
  allow: [
    'let two identifiers that were forbidden link again',
    link,
    (...between) => ({ type: 'LinkAllowed', between })
  ],
  assert: [
    'assert that two identifiers belong to one person',
    link,
    (...between) => ({ type: 'LinkAsserted', between })
  ],
  withdraw: [
    'withdraw an asserted link',
    link,
    (...between) => ({ type: 'AssertionWithdrawn', between })
  ],
  limit: [
    'stop widely shared identifiers from linking contacts',
    {
      kind: 'email or phone',
      number: 'the most others that one may be seen with, or none for no limit'
    },
    (kind, most) => ({
      type: 'SharingLimitSet',
      kind: kindNamed(kind),
      limit: most === 'none' ? null : wholeNumber('limit', most, 0)
    })
  ]
}

/** The verbs that put an operator's decision on record, or try what it would change. */
export const decisions: Readonly<Record<string, Verb>> = Object.fromEntries(
  Object.entries(table).map(([name, row]) => [name, verbOf(row)])
)

function verbOf([summary, takes, about]: Row): Verb {
  return {
    describe: (command) => {
      for (const [name, help] of Object.entries(takes)) command.argument(`<${name}>`, help)
      return command
        .helpGroup('Decisions:')
        .summary(summary)
        .description(
          `${command.name()}: ${summary}. Shows which identities it changes. Made by the server that has the ledger open, at HOST and PORT, or directly if there is none.`
        )
        .option(
          '--actor <who>',
          'who decides (default: the name of the key in LEDGER_TOKEN, where a server takes keys)'
        )
        .requiredOption('--reason <text>', 'why')
        .option('--dry-run', 'only show what it would change')
        .option('--json', 'print {"position", "type", "changed", "before", "after", ...}')
    },

    async run(io, { actor, reason, dryRun: asked, json }, one = '', other = '') {
      const said = { actor: String(actor ?? ''), reason: String(reason) }
      const dryRun = asked === true
      const made = await makeDecision(io, { ...about(one, other), ...said }, { dryRun })
      if (json) printJson(io, made)
      else print(io, ...inWords(made, { dryRun }))
      return exit.done
    }
  }
}

function kindNamed(text: string) {
  if (text === 'email' || text === 'phone') return text
  throw new LedgerError('invalid', `The kind must be email or phone, not "${text}".`)
}
