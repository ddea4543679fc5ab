import { type Child, element } from './element.ts'
import { amount } from './words.ts'

/** How many rows are shown at first, and how many more at a time. */
const atOnce = 100

/** A column: what stands above it, and what it shows of a row. */
export type Column<Row> = {
  readonly name: string
  readonly cell: (row: Row) => Child
  /** Whether the cell names the row. */
  readonly heads?: boolean
}

/** A table that stays quick however many rows there are: a hundred of them, and more on demand. */
export function longTable<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[]
): HTMLElement {
  const body = element('tbody')
  const more = element('button', { type: 'button', onclick: () => show() })
  let shown = 0

  function show() {
    const next = rows.slice(shown, shown + atOnce)
    const first = body.rows.length
    body.append(...next.map((row) => rowOf(columns, row)))
    shown += next.length
    // Whoever pressed the button goes on where the new rows begin.
    if (first > 0) body.rows[first]?.querySelector<HTMLElement>('a, button, input')?.focus()
    more.hidden = shown === rows.length
    more.textContent = `Show more of ${caption.toLowerCase()} (${amount(rows.length - shown, 'is', 'are')} left)`
  }

  show()
  return element(
    'div',
    { class: 'table' },
    element(
      'div',
      // Wide tables scroll by themselves, with the keyboard too.
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
      element(
        'table',
        {},
        element('caption', {}, caption),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            columns.map(({ name }) => element('th', { scope: 'col' }, name))
          )
        ),
        body
      )
    ),
    more
  )
}

function rowOf<Row>(columns: readonly Column<Row>[], row: Row): HTMLTableRowElement {
  return element(
    'tr',
    {},
    columns.map(({ cell, heads }) =>
      heads ? element('th', { scope: 'row' }, cell(row)) : element('td', {}, cell(row))
    )
  )
}
