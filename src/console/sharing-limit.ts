import { openCorrection } from './correction.ts'
import { element } from './element.ts'
import type { Showing } from './page.ts'

/** Asks with how many others a kind of value may be seen before it links nobody. */
export function sharingLimit(showing: Showing): HTMLElement {
  const kind = element(
    'select',
    { id: 'limit-kind' },
    element('option', { value: 'email' }, 'email'),
    element('option', { value: 'phone' }, 'phone')
  )
  const limit = element('input', { id: 'limit', type: 'number', min: 0, step: 1 })
  const submit = (event: Event) => {
    event.preventDefault()
    const most = limit.value === '' ? null : limit.valueAsNumber
    const told = most === null ? 'no limit' : `at most ${most} others`
    openCorrection(showing, `Let any ${kind.value} be shared with ${told}`, {
      type: 'SharingLimitSet',
      kind: kind.value as 'email' | 'phone',
      limit: most
    })
  }
  return element(
    'details',
    {},
    element('summary', {}, 'Set a sharing limit'),
    element(
      'form',
      { class: 'row', onsubmit: submit },
      element('label', { for: 'limit-kind' }, 'Kind', kind),
      element('label', { for: 'limit' }, 'Others at most (empty for no limit)', limit),
      element('button', {}, 'Set …')
    )
  )
}
