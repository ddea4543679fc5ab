import type { Identity } from '../domain/answer.ts'
import type { PublishedDecision } from '../published-decision.ts'
import { type Child, element } from './element.ts'
import { amount } from './words.ts'

/** How many identities, and how many values of one, are told; the rest are counted. */
const most = { identities: 10, values: 8 }

/** What a decision changed, or would change: the identities before and after. */
export function changeTold(
  { changed, before, after }: PublishedDecision,
  { dryRun }: { dryRun: boolean }
): Child[] {
  if (!changed)
    return [element('p', {}, dryRun ? 'No identity would change.' : 'No identity changed.')]
  const [was, is] = [amountOf(before.length), amountOf(after.length)]
  return [
    element('p', {}, dryRun ? `${was} would become ${is}.` : `${was} became ${is}.`),
    element('div', { class: 'change' }, side('Before', before), side('After', after))
  ]
}

function amountOf(identities: number): string {
  return amount(identities, 'identity', 'identities')
}

function side(name: string, identities: readonly Identity[]): Element {
  const more = identities.length - most.identities
  return element(
    'section',
    {},
    element('h3', {}, name),
    element(
      'ul',
      {},
      identities.slice(0, most.identities).map(identityTold),
      more > 0 ? element('li', {}, `and ${amountOf(more)} more`) : null
    )
  )
}

function identityTold(identity: Identity): Element {
  const { primaryContactId, secondaryContactIds, emails, phoneNumbers } = identity
  const values = [...emails, ...phoneNumbers]
  const more = values.length - most.values
  const others = secondaryContactIds.length
  return element(
    'li',
    {},
    element('strong', {}, `contact ${primaryContactId}`),
    others === 0 ? null : ` with ${amount(others, 'secondary', 'secondaries')}`,
    element(
      'ul',
      { class: 'values' },
      values.slice(0, most.values).map((value) => element('li', { class: 'value' }, value)),
      more > 0 ? element('li', {}, `and ${more} more`) : null
    )
  )
}
