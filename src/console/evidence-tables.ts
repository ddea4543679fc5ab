import type { Correct } from './correction.ts'
import type { Child } from './element.ts'
import type { Evidence } from './evidence.ts'
import { longTable } from './long-table.ts'
import { linkText, notesOn } from './marks.ts'
import { contactLink, identifierLink } from './mentions.ts'
import { kindOf, valueIn } from './words.ts'

/** How many contacts a cell names; the rest are counted. */
const mostNamed = 5

/** All that a drawing shows, and more, as two tables. */
export function evidenceTables({ nodes, links }: Evidence, correct: Correct): Child[] {
  return [
    longTable(
      'Values',
      [
        { name: 'Value', heads: true, cell: ({ identifier }) => identifierLink(identifier) },
        { name: 'Kind', cell: ({ identifier }) => kindOf(identifier) },
        {
          name: 'Seen with',
          cell: ({ sharing }) => (sharing === 1 ? '1 other' : `${sharing} others`)
        },
        { name: 'Notes', cell: (node) => notesOn(node).join(', ') || '—' },
        { name: 'Contacts', cell: ({ contacts }) => contactLinks(contacts) },
        {
          name: 'Correct',
          cell: ({ identifier, links }) => [
            links
              ? correct(`Block ${valueIn(identifier)}`, 'Block', {
                  type: 'IdentifierBlocked',
                  identifier
                })
              : correct(`Unblock ${valueIn(identifier)}`, 'Unblock', {
                  type: 'IdentifierUnblocked',
                  identifier
                })
          ]
        }
      ],
      nodes
    ),
    longTable(
      'Links',
      [
        { name: 'From', heads: true, cell: ({ from }) => identifierLink(from) },
        { name: 'To', cell: ({ to }) => identifierLink(to) },
        { name: 'Evidence', cell: linkText },
        { name: 'State', cell: ({ state }) => state },
        { name: 'First at', cell: ({ first }) => first ?? '—' },
        { name: 'Last at', cell: ({ latest }) => latest ?? '—' },
        {
          name: 'Correct',
          cell: ({ from, to, state, asserted }) => {
            const between: [string, string] = [from, to]
            const names = `the link of ${valueIn(from)} and ${valueIn(to)}`
            return [
              state === 'forbidden'
                ? correct(`Allow ${names}`, 'Allow', { type: 'LinkAllowed', between })
                : correct(`Forbid ${names}`, 'Forbid', { type: 'LinkForbidden', between }),
              asserted === null
                ? null
                : correct(`Withdraw the assertion of ${names}`, 'Withdraw', {
                    type: 'AssertionWithdrawn',
                    between
                  })
            ]
          }
        }
      ],
      links
    )
  ]
}

function contactLinks(ids: readonly number[]): Child {
  const named = ids
    .slice(0, mostNamed)
    .flatMap((id, nth) => [nth === 0 ? '' : ', ', contactLink(id)])
  return ids.length > mostNamed ? [...named, ` and ${ids.length - mostNamed} more`] : named
}
