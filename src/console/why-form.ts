import { element } from './element.ts'
import { field } from './field.ts'
import { addressOf, endOf, type Place } from './place.ts'

/** Asks for two ends: why are they one person, or why not? */
export function whyForm(ends: { readonly from: string; readonly to: string }): HTMLElement {
  const from = field('from', 'From', { value: ends.from })
  const to = field('to', 'To', { value: ends.to })
  const submit = (event: Event) => {
    event.preventDefault()
    const asked: Place = {
      page: 'why',
      from: endOf(from.input.value),
      to: endOf(to.input.value),
      step: 1,
      asOf: null
    }
    location.hash = addressOf(asked)
  }
  return element(
    'form',
    { class: 'row', onsubmit: submit, 'aria-label': 'Two ends' },
    from.part,
    to.part,
    element('button', { class: 'main' }, 'Why?'),
    element('p', { class: 'hint' }, 'A contact’s id, an email, or phone: and a number.')
  )
}
