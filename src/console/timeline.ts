import type { PublishedEvent } from '../published-event.ts'
import type { Correct } from './correction.ts'
import { type Child, element, refill } from './element.ts'
import { eventText } from './event-text.ts'
import { longTable } from './long-table.ts'
import { timeOf, written } from './mentions.ts'
import { amount, timeText } from './words.ts'

export type TimelineOptions = {
  /** Oldest first. */
  readonly events: readonly PublishedEvent[]
  /** Whether there are more of them than these. */
  readonly more: boolean
  /** Where the slider stands; null is now. */
  readonly asOf: number | null
  readonly correct: Correct
  /** Called at each step of the slider with the position that it stands at, null for now. */
  onmove(asOf: number | null): void
  onmore(): void
}

/** A slider through what happened to an identity. */
export function timeSlider({
  events,
  asOf,
  onmove
}: Pick<TimelineOptions, 'events' | 'asOf' | 'onmove'>): HTMLElement {
  const now = events.length + 1
  const start = asOf === null ? now : events.filter(({ position }) => position <= asOf).length
  const slider = element('input', { id: 'as-of', type: 'range', min: 1, max: now, step: 1 })
  slider.value = String(Math.max(1, start))
  const shown = element('output', { for: 'as-of' })

  function told(): number | null {
    const event = events[slider.valueAsNumber - 1]
    if (event === undefined) {
      slider.setAttribute('aria-valuetext', 'now')
      shown.textContent = 'The identity as it is now.'
      return null
    }
    const { position, recordedAt } = event
    slider.setAttribute('aria-valuetext', `position ${position}, ${timeText(recordedAt)}`)
    refill(
      shown,
      `As of position ${position}, `,
      timeOf(recordedAt),
      ': ',
      written(eventText(event))
    )
    return position
  }

  slider.addEventListener('input', () => onmove(told()))
  told()
  return element(
    'section',
    { class: 'timeline', 'aria-labelledby': 'timeline-title' },
    element('h2', { id: 'timeline-title' }, 'The timeline'),
    element('label', { for: 'as-of' }, 'Show the identity as of'),
    slider,
    shown
  )
}

/** What happened to an identity, oldest first. */
export function eventsTable({
  events,
  more,
  correct,
  onmore
}: Pick<TimelineOptions, 'events' | 'more' | 'correct' | 'onmore'>): Child[] {
  return [
    longTable(
      'Events',
      [
        { name: 'Position', heads: true, cell: ({ position }) => position },
        { name: 'When', cell: ({ recordedAt }) => timeOf(recordedAt) },
        { name: 'What', cell: (event) => written(eventText(event)) },
        {
          name: 'Correct',
          cell: ({ type, position }) =>
            type === 'ContactObserved'
              ? correct(`Retract the observation at ${position}`, 'Retract', {
                  type: 'ObservationRetracted',
                  observation: position
                })
              : null
        }
      ],
      events
    ),
    more
      ? element(
          'button',
          { type: 'button', onclick: onmore },
          `Load what came after these ${amount(events.length, 'event')}`
        )
      : null
  ]
}
