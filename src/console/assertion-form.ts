import { openCorrection } from './correction.ts'
import { element } from './element.ts'
import { field } from './field.ts'
import type { Showing } from './page.ts'
import { endOf } from './place.ts'

/** Asks for two values that somebody knows to be one person's, though nothing was seen of it. */
export function assertionForm(showing: Showing): HTMLElement {
  const one = field('one', 'One value', { autocomplete: 'off' })
  const other = field('other', 'Another value', { autocomplete: 'off' })
  const submit = (event: Event) => {
    event.preventDefault()
    const between: [string, string] = [nameOf(one.input.value), nameOf(other.input.value)]
    openCorrection(showing, `Assert that ${between.join(' and ')} are one person’s`, {
      type: 'LinkAsserted',
      between
    })
  }
  return element(
    'details',
    { class: 'assertion' },
    element('summary', {}, 'Assert a link that nothing was seen of'),
    element(
      'form',
      { class: 'row', onsubmit: submit },
      one.part,
      other.part,
      element('button', {}, 'Assert …')
    )
  )
}

/** A value by name: digits are a phone number here, since contacts have no links. */
function nameOf(written: string): string {
  const text = written.trim()
  return /^\d+$/.test(text) ? `phone:${text}` : endOf(text)
}
