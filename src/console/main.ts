import { forgetToken, token } from './access.ts'
import { api } from './api.ts'
import { element, refill } from './element.ts'
import { findPage } from './find.ts'
import { frontPage } from './front-page.ts'
import { identityPage } from './identity-page.ts'
import type { Page, Showing } from './page.ts'
import { addressOf, type Place, placeOf } from './place.ts'
import { reasonsOf } from './refusal.ts'
import { whyPage } from './why-page.ts'

const main = part('main')
const status = part('#status')
const search = part('#find') as HTMLFormElement
const leave = part('#leave') as HTMLButtonElement
let shown = new AbortController()

/** The page of a place. */
async function pageAt(place: Place, showing: Showing): Promise<Page> {
  switch (place.page) {
    case 'front':
      return frontPage(showing)
    case 'find':
      return findPage(place, showing)
    case 'contact':
      return identityPage(place, showing)
    case 'why':
      return whyPage(place, showing)
    case 'nowhere':
      return messagePage('Nothing here', 'There is no such page.')
  }
}

/** Shows the page that the address names, in place of the one before. */
async function show() {
  shown.abort()
  const current = new AbortController()
  shown = current
  const { signal } = current
  const showing: Showing = { ask: api(signal), signal, again: () => void show(), announce }
  main.setAttribute('aria-busy', 'true')
  const page = await pageAt(placeOf(location.hash), showing).catch((error) =>
    messagePage('That did not work', reasonsOf(error).join(''))
  )
  if (signal.aborted) return
  document.title = `${page.title} · Identity ledger`
  refill(main, page.content)
  main.removeAttribute('aria-busy')
  leave.hidden = token() === null
  main.querySelector('h1')?.focus()
  page.shown?.()
}

function messagePage(title: string, text: string): Page {
  const heading = element('h1', { tabindex: -1 }, title)
  return { title, content: [heading, element('p', { role: 'alert' }, text)] }
}

function announce(text: string) {
  status.textContent = text
}

function part(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector)
  if (found === null) throw new Error(`the page has no ${selector}`)
  return found
}

search.addEventListener('submit', (event) => {
  event.preventDefault()
  const value = String(new FormData(search).get('value') ?? '').trim()
  const address = addressOf({ page: 'find', value })
  if (location.hash === address) void show()
  else location.hash = address
})
leave.addEventListener('click', () => {
  forgetToken()
  void show()
})
part('.skip').addEventListener('click', (event) => {
  // The part of the address after # is the console's own.
  event.preventDefault()
  main.focus()
})
addEventListener('hashchange', () => void show())
void show()
