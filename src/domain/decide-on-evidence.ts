import { type Decided, type Named, type Next, record } from './decided.ts'
import type { ContactObserved, Decision } from './event.ts'
import { type Evidence, homeOf, valuesOf } from './graph.ts'
import { type Group, groupAmong, listedBy } from './groups.ts'
import type { Identifier } from './identifier.ts'
import { remembering } from './remembering.ts'
import { outcomesOf, type Reshaping, reshape } from './reshape.ts'

/**
 * Decides an observation where decisions have a say: it mints a contact if the identity that it
 * belongs to has no live one, or does not list all of its values.
 */
export function decideOnEvidence(
  evidence: Evidence,
  asked: ContactObserved,
  { identifiers, news }: Named,
  next: Next
): Decided {
  const { position } = next
  const observed: ContactObserved = { ...asked, contact: null }
  const known = remembering(evidence)
  const seen = reshape(known, { position, event: observed, identifiers })
  const listed = listedWith(seen, observed)
  const introduces = identifiers.map(({ number }) => number).filter((one) => !listed.has(one))
  const outcomes = outcomesOf(seen, position)
  const told = (event: ContactObserved, reshaping: Reshaping): Decided => ({
    events: record([event, ...outcomes], identifiers, next),
    reshaping
  })
  if (introduces.length === 0) return told(observed, seen)
  const onlyNews = introduces.every((one) => one >= next.identifier)
  const minted: ContactObserved = {
    ...asked,
    contact: next.contact,
    ...(onlyNews && news ? {} : { introduces })
  }
  return told(minted, reshape(known, { position, event: minted, identifiers }))
}

/** Decides what an operator's decision adds to the log: itself, and what it does to identities. */
export function decideDecision(
  evidence: Evidence,
  event: Decision,
  identifiers: readonly Identifier[],
  next: Next
): Decided & { readonly reshaping: Reshaping } {
  const reshaping = reshape(evidence, { position: next.position, event, identifiers })
  const outcomes = outcomesOf(reshaping, next.position)
  return { events: record([event, ...outcomes], identifiers, next), reshaping }
}

/** The group that an observation belongs to once it is made. */
export function groupOf({ graph, after }: Reshaping, observed: ContactObserved): Group {
  return groupAmong(after, homeOf(graph, valuesOf(observed)))
}

/** The identifiers that the identity of an observation lists. */
function listedWith(reshaping: Reshaping, observed: ContactObserved): Set<number> {
  return new Set(groupOf(reshaping, observed).contacts.flatMap(listedBy))
}
