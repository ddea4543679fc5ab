import type { Decision, IdentifierNumber, Position } from './event.ts'

/** The types of decisions on a link. */
export type LinkDecision = Extract<Decision, { between: unknown }>['type']

/** What operators decided about a link, seen from one of its ends. */
export type Ruling = {
  readonly to: IdentifierNumber
  readonly forbidden: boolean
  /** The position since which it is allowed: 0 if it always was. Means nothing while it is not. */
  readonly allowedSince: Position | 0
  /** The assertion that holds; 0 for none. */
  readonly asserted: Position | 0
}

/** A link about which nobody decided anything. */
export function unruled(to: IdentifierNumber): Ruling {
  return { to, forbidden: false, allowedSince: 0, asserted: 0 }
}

/** What holds of a link once a decision about it was made. */
export function ruledBy(before: Ruling, type: LinkDecision, position: Position): Ruling {
  switch (type) {
    case 'LinkForbidden':
      return { ...before, forbidden: true }
    case 'LinkAllowed':
      return before.forbidden ? { ...before, forbidden: false, allowedSince: position } : before
    case 'LinkAsserted':
      return { ...before, asserted: before.asserted || position }
    case 'AssertionWithdrawn':
      return { ...before, asserted: 0 }
  }
}
