import type { PublishedEvent } from '../published-event.ts'
import { element } from './element.ts'
import { blocksOf, textOf } from './event-blocks.ts'
import { eventText } from './event-text.ts'
import { timeOf, written } from './mentions.ts'
import type { Showing } from './page.ts'

/** How many events are shown, and how many of those that were before. */
const most = { shown: 50, before: 10 }

/** How long to wait before a broken feed is taken up again, in ms. */
const retry = 2_000

/** The last events and each one as it comes, the latest first; `start` begins to listen. */
export async function liveFeed({ ask, signal }: Showing) {
  const list = element('ol', { class: 'feed', reversed: true })
  const state = element('p', { class: 'hint', role: 'status' }, 'Not connected yet.')
  const pause = element(
    'button',
    { type: 'button', 'aria-pressed': 'false', onclick: () => hold(!held) },
    'Pause'
  )
  let after = Math.max(0, (await ask.status()).head - most.before)
  let [held, due] = [false, false]
  const waiting: PublishedEvent[] = []

  function hold(now: boolean) {
    held = now
    pause.setAttribute('aria-pressed', String(now))
    show()
  }

  /** However many come, they are shown once a frame, and only the latest. */
  function take(event: PublishedEvent) {
    waiting.push(event)
    if (waiting.length > most.shown) waiting.shift()
    if (!due) requestAnimationFrame(show)
    due = true
  }

  function show() {
    due = false
    if (held) return
    for (const event of waiting.splice(0)) list.prepend(told(event))
    while (list.children.length > most.shown) list.lastElementChild?.remove()
  }

  async function listen() {
    const answer = await ask.follow(after)
    state.textContent = 'Connected: what happens shows here.'
    for await (const { id, data } of blocksOf(textOf(answer))) {
      if (data !== null) take(JSON.parse(data) as PublishedEvent)
      if (id !== null) after = Number(id)
    }
  }

  async function start() {
    while (!signal.aborted) {
      await listen().catch(() => {})
      if (signal.aborted) return
      state.textContent = 'Interrupted; connecting again …'
      await new Promise((resolve) => setTimeout(resolve, retry))
    }
  }

  return { part: element('div', {}, state, pause, list), start: () => void start() }
}

function told(event: PublishedEvent): HTMLLIElement {
  const what = [timeOf(event.recordedAt), ' ', written(eventText(event))]
  return element('li', { value: event.position }, what)
}
