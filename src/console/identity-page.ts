import type { IdentityGraph } from '../identity-graph.ts'
import type { PublishedEvent } from '../published-event.ts'
import type { ContactWithIdentity } from '../views.ts'
import { ifKnown } from './api.ts'
import { arrivalsIn } from './arrivals.ts'
import { assertionForm } from './assertion-form.ts'
import { contactsTable } from './contacts-table.ts'
import { corrections } from './correction.ts'
import { drawing } from './drawing.ts'
import { type Child, element, refill } from './element.ts'
import { evidenceTables } from './evidence-tables.ts'
import { identityCard } from './identity-card.ts'
import { contactLink, timeOf } from './mentions.ts'
import type { Page, Showing } from './page.ts'
import { addressOf, type Place } from './place.ts'
import { reasonsOf } from './refusal.ts'
import { eventsTable, timeSlider } from './timeline.ts'

/** How long the slider must rest before the identity as of there is asked for, in ms. */
const rest = 150

/** The identity of a contact: card, contacts, evidence and timeline, now or as of a position. */
export async function identityPage(
  { id, asOf }: Extract<Place, { page: 'contact' }>,
  showing: Showing
): Promise<Page> {
  const { ask, signal } = showing
  const correct = corrections(showing)
  const [standing, contacts] = [element('div'), element('div')]
  const [slider, happened] = [element('div'), element('div')]
  const evidence = element('div')
  const picture = drawing(signal)
  let [events, next]: [readonly PublishedEvent[], number | null] = [[], 0]
  let [at, latest, resting] = [asOf, 0, 0]

  async function loadHistory() {
    if (next === null) return
    const page = await ask.history(id, next)
    events = [...events, ...page.events]
    next = page.next
  }

  /** Shows the identity as of where the slider stands. Of several such, the last one counts. */
  async function show() {
    const mine = ++latest
    hold(true)
    const found = await ifKnown(ask.contact(id, at))
    const graph = found?.identity ? await ifKnown(ask.graph(id, at)) : null
    if (mine !== latest || signal.aborted) return
    showFound(found, graph)
    hold(false)
  }

  /**
   * Holds back what is shown until it is what was asked for: a pick made in it would be lost when the
   * answer comes. Where none comes, it stays so until the next is asked for.
   */
  function hold(held: boolean) {
    for (const part of [standing, contacts, evidence, picture.figure]) {
      part.inert = held
      part.ariaBusy = held ? 'true' : null
    }
  }

  function showFound(found: ContactWithIdentity | null, graph: IdentityGraph | null) {
    const identity = found?.identity ?? null
    const arrivals = arrivalsIn(events)
    refill(standing, standingOf(found), identity && identityCard(identity, arrivals))
    refill(contacts, identity && contactsTable(identity, arrivals, at))
    evidence.hidden = picture.figure.hidden = graph === null
    if (graph === null) return
    refill(evidence, evidenceTables(graph, correct))
    picture.draw(graph)
  }

  function standingOf(found: ContactWithIdentity | null): Child {
    const then = at === null ? '' : ` as of position ${at}`
    if (found === null) return element('p', {}, `There was no contact ${id}${then}.`)
    const { contact, identity } = found
    if (identity === null) return element('p', {}, `Nobody in this identity is live${then}.`)
    const withdrawn = contact.deletedAt
    const role =
      contact.linkedId === null
        ? [`Contact ${id} is the primary${then}.`]
        : [`Contact ${id} is a secondary of `, contactLink(contact.linkedId), `${then}.`]
    return element(
      'p',
      { class: 'role' },
      withdrawn === null ? role : [`Contact ${id} was withdrawn `, timeOf(withdrawn), '.']
    )
  }

  function move(to: number | null) {
    at = to
    // An answer under way is to a question that nobody has any more.
    latest++
    hold(true)
    clearTimeout(resting)
    resting = setTimeout(() => {
      if (signal.aborted) return
      history.replaceState(null, '', addressOf({ page: 'contact', id, asOf: at }))
      tell(show())
    }, rest)
  }

  async function loadMore() {
    await loadHistory()
    showPast()
    await show()
  }

  function showPast() {
    const onmore = () => tell(loadMore())
    refill(slider, timeSlider({ events, asOf: at, onmove: move }))
    refill(happened, eventsTable({ events, more: next !== null, correct, onmore }))
  }

  /** What fails once the page is shown is told on it. */
  function tell(work: Promise<void>) {
    work.catch((error) => {
      if (!signal.aborted) showing.announce(reasonsOf(error).join(''))
    })
  }

  // One question that fails tells it before anything is shown.
  await ask.contact(id)
  await loadHistory()
  showPast()

  return {
    title: `Contact ${id}`,
    content: [
      element('h1', { tabindex: -1 }, `Contact ${id} and whose it is`),
      element(
        'div',
        { class: 'beside' },
        element('div', {}, standing, slider),
        element('section', { class: 'seen', 'aria-label': 'The drawing' }, picture.figure)
      ),
      contacts,
      happened,
      evidence,
      assertionForm(showing)
    ],
    shown: () => tell(show())
  }
}
