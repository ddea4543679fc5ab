import type { Identity } from '../../src/domain/answer.ts'
import { LedgerError } from '../../src/domain/errors.ts'
import { canLink, type Graph, type Values } from '../../src/domain/graph.ts'

/**
 * The identity of known values, 0 for one that is not given or not known; null when there is none.
 * `standing` tells the identity in which an observation of values would stand. Two values that could
 * be linked are looked up one by one, since nothing says yet that they are one person's: throws
 * `conflict` when they are of two identities.
 */
export function lookUp(
  graph: Graph,
  { email, phoneNumber }: Values,
  standing: (values: Values) => Identity | null
): Identity | null {
  if (email === 0 && phoneNumber === 0) return null
  if (email === 0 || phoneNumber === 0) return standing({ email, phoneNumber })
  const linkable =
    canLink(graph, email) &&
    canLink(graph, phoneNumber) &&
    graph.rulingsOf(email).every(({ to, forbidden }) => to !== phoneNumber || !forbidden)
  if (!linkable) return standing({ email, phoneNumber })
  return theOne(standing({ email, phoneNumber: 0 }), standing({ email: 0, phoneNumber }))
}

/** The identity that was found; two different ones are no answer, and no reason to merge them. */
function theOne(byEmail: Identity | null, byPhone: Identity | null): Identity | null {
  const found = byEmail ?? byPhone
  if (found === null || byPhone === null) return found
  if (byPhone.primaryContactId === found.primaryContactId) return found
  throw new LedgerError(
    'conflict',
    `The email belongs to contact ${found.primaryContactId}, the phone number to contact ${byPhone.primaryContactId}; nothing has shown yet that they are one person.`
  )
}
