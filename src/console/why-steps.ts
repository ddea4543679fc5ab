import { element } from './element.ts'
import { written } from './mentions.ts'
import type { Words } from './words.ts'

/** A walk along a path, one step at a time. */
export type Walk = {
  readonly part: HTMLElement
  /** Shows a step, from 1. */
  go(step: number): void
}

/** Steps as a list, with buttons to the next and the previous; `onstep` hears which one is shown. */
export function walk(steps: readonly Words[], onstep: (step: number) => void): Walk {
  const items = steps.map((words) => element('li', {}, written(words)))
  const told = element('p', { 'aria-live': 'polite', class: 'step-told' })
  const button = (name: string, by: number) =>
    element('button', { type: 'button', onclick: () => go(at + by) }, name)
  const [previous, next] = [button('Previous step', -1), button('Next step', 1)]
  let at = 0

  function go(step: number) {
    at = Math.min(Math.max(step, 1), steps.length)
    items.forEach((item, nth) => {
      if (nth === at - 1) item.setAttribute('aria-current', 'step')
      else item.removeAttribute('aria-current')
    })
    const [first, last] = [at === 1, at === steps.length]
    // A button that is disabled under the finger would lose the focus.
    previous.setAttribute('aria-disabled', String(first))
    next.setAttribute('aria-disabled', String(last))
    told.replaceChildren(`Step ${at} of ${steps.length}: ${items[at - 1]?.textContent ?? ''}`)
    onstep(at)
  }

  const part = element(
    'section',
    { class: 'walk', 'aria-label': 'Step by step' },
    element('div', { class: 'actions' }, previous, next),
    told,
    element('ol', {}, items)
  )
  return { part, go }
}
