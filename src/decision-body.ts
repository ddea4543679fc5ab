import { type Static, type TProperties, Type } from '@sinclair/typebox'
import type { AskedDecision, Value } from './decision.ts'
import { LedgerError, type Problem } from './domain/errors.ts'
import { orNull } from './domain/event.ts'
import { type CanonicalPhone, Kind } from './domain/identifier.ts'
import { parseIdentifier } from './observation.ts'

/** The longest that the words of a decision may be, in characters. */
const longest = { actor: 200, reason: 2_000 } as const

/** What would forge colours and order on an auditor's terminal: controls, and marks of direction. */
const misleading = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u

const wholeNumber = (minimum: number, description: string) =>
  Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER, description })

/** What is not known is refused: a dry run asked for at the wrong place must not become a real one. */
const decision = <T extends string, P extends TProperties>(type: T, about: P) =>
  Type.Object(
    { type: Type.Literal(type), ...about, actor: Type.String(), reason: Type.String() },
    { additionalProperties: false }
  )

const onIdentifier = { identifier: Type.String() }
const onLink = {
  between: Type.Tuple([Type.String(), Type.String()], { description: 'a list of two identifiers' })
}

/** A decision as it is sent, by its type: identifiers as `email:ADDRESS` or `phone:NUMBER`. */
export const DecisionBody = Type.Union([
  decision('ObservationRetracted', {
    observation: wholeNumber(1, 'the position of an observation')
  }),
  decision('IdentifierBlocked', onIdentifier),
  decision('IdentifierUnblocked', onIdentifier),
  decision('LinkForbidden', onLink),
  decision('LinkAllowed', onLink),
  decision('LinkAsserted', onLink),
  decision('AssertionWithdrawn', onLink),
  decision('SharingLimitSet', {
    kind: Kind,
    limit: orNull(wholeNumber(0, 'a whole number, 0 or more,'))
  })
])
export type DecisionBody = Static<typeof DecisionBody>

/** Reads a decision as it was sent. Throws `invalid` with all that is wrong. */
export function readDecision(body: DecisionBody, canonical: CanonicalPhone): AskedDecision {
  const problems: Problem[] = []
  const said = (name: 'actor' | 'reason') => {
    const text = body[name].trim()
    const most = longest[name]
    if (text === '') problems.push({ path: `/${name}`, message: 'must not be blank' })
    if (misleading.test(text) || !text.isWellFormed()) {
      problems.push({ path: `/${name}`, message: 'must not contain control characters' })
    }
    if (text.length > most) {
      problems.push({ path: `/${name}`, message: `must have at most ${most} characters` })
    }
    return text
  }
  const identifier = (written: string, path: string): Value => {
    const value = parseIdentifier(written, canonical)
    if (!('refused' in value)) return value
    problems.push({ path, message: value.refused })
    return { kind: 'email', value: '' }
  }
  const asked = aboutOf(body, identifier)
  const words = { actor: said('actor'), reason: said('reason') }
  if (problems.length === 0) return { ...asked, ...words }
  throw new LedgerError('invalid', 'The decision is not acceptable.', problems)
}

/** What a decision is about. */
function aboutOf(body: DecisionBody, identifier: (written: string, path: string) => Value) {
  switch (body.type) {
    case 'ObservationRetracted':
      return { type: body.type, observation: body.observation }
    case 'IdentifierBlocked':
    case 'IdentifierUnblocked':
      return { type: body.type, identifier: identifier(body.identifier, '/identifier') }
    case 'LinkForbidden':
    case 'LinkAllowed':
    case 'LinkAsserted':
    case 'AssertionWithdrawn': {
      const [one, other] = body.between
      const between = [identifier(one, '/between/0'), identifier(other, '/between/1')] as const
      return { type: body.type, between }
    }
    case 'SharingLimitSet':
      return { type: body.type, kind: body.kind, limit: body.limit }
  }
}
