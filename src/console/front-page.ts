import type { Stats } from '../stats.ts'
import { assertionForm } from './assertion-form.ts'
import { bar, dayColumns } from './bars.ts'
import { type Child, element } from './element.ts'
import { liveFeed } from './live-feed.ts'
import { longTable } from './long-table.ts'
import { contactLink, identifierLink } from './mentions.ts'
import type { Page, Showing } from './page.ts'
import { sharingLimit } from './sharing-limit.ts'
import { kindOf, numberText } from './words.ts'

/** The ledger at a glance: how much it holds, what stands out, and what happens now. */
export async function frontPage(showing: Showing): Promise<Page> {
  const stats = await showing.ask.stats()
  const feed = await liveFeed(showing)
  return {
    title: 'The ledger',
    content: [
      element('h1', { tabindex: -1 }, 'The ledger'),
      totals(stats),
      element(
        'div',
        { class: 'panels' },
        panel('Sizes of identities', sizes(stats)),
        panel('The largest identities', largest(stats)),
        panel('The most shared values', mostShared(stats), sharingLimit(showing)),
        panel('Merges and splits by day', days(stats)),
        panel('As it happens', feed.part)
      ),
      assertionForm(showing)
    ],
    shown: feed.start
  }
}

function panel(title: string, ...content: readonly Child[]): HTMLElement {
  return element('section', { class: 'panel' }, element('h2', {}, title), content)
}

function totals({ contacts, identities, events, byType }: Stats): HTMLElement {
  const told: readonly (readonly [string, number])[] = [
    ['Identities', identities],
    ['Contacts', contacts],
    ['Events', events],
    ['Merges', byType['ContactsMerged'] ?? 0],
    ['Splits', byType['ContactsSplit'] ?? 0]
  ]
  return element(
    'dl',
    { class: 'totals' },
    told.map(([name, number]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, numberText(number)))
    )
  )
}

function sizes({ sizes }: Stats): Child {
  const most = Math.max(0, ...sizes.map(({ identities }) => identities))
  return longTable(
    'Identities by size',
    [
      {
        name: 'Contacts',
        heads: true,
        cell: ({ from, to }) => (from === to ? from : `${from} to ${to}`)
      },
      { name: 'Identities', cell: ({ identities }) => numberText(identities) },
      { name: 'Share', cell: ({ identities }) => bar(identities, most) }
    ],
    sizes
  )
}

function largest({ largest }: Stats): Child {
  if (largest.length === 0) return element('p', {}, 'Every identity has one contact.')
  const most = largest[0]?.contacts ?? 0
  return longTable(
    'The largest',
    [
      {
        name: 'Primary',
        heads: true,
        cell: ({ primaryContactId }) => contactLink(primaryContactId)
      },
      { name: 'Contacts', cell: ({ contacts }) => numberText(contacts) },
      { name: 'Share', cell: ({ contacts }) => bar(contacts, most) }
    ],
    largest
  )
}

function mostShared({ mostShared }: Stats): Child {
  if (mostShared.length === 0) return element('p', {}, 'No value was seen with four others.')
  return longTable(
    'The most shared',
    [
      { name: 'Value', heads: true, cell: ({ identifier }) => identifierLink(identifier) },
      { name: 'Kind', cell: ({ identifier }) => kindOf(identifier) },
      { name: 'Seen with', cell: ({ sharing }) => `${numberText(sharing)} others` }
    ],
    mostShared
  )
}

function days({ days }: Stats): Child {
  if (days.length === 0) return element('p', {}, 'Nobody was merged or parted yet.')
  return [
    element('p', { class: 'hint' }, 'Merges upward, splits downward.'),
    dayColumns(days),
    element(
      'details',
      {},
      element('summary', {}, 'As numbers'),
      longTable(
        'Merges and splits',
        [
          { name: 'Day (UTC)', heads: true, cell: ({ day }) => day },
          { name: 'Merges', cell: ({ merges }) => merges },
          { name: 'Splits', cell: ({ splits }) => splits }
        ],
        days
      )
    )
  ]
}
