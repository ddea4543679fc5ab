import { ifKnown } from './api.ts'
import { corrections } from './correction.ts'
import { drawing } from './drawing.ts'
import { type Child, element } from './element.ts'
import type { Evidence } from './evidence.ts'
import { evidenceTables } from './evidence-tables.ts'
import { written } from './mentions.ts'
import type { Page, Showing } from './page.ts'
import { addressOf, type Place } from './place.ts'
import { whyForm } from './why-form.ts'
import { walk } from './why-steps.ts'
import { joiningTexts, pathOf, stepsOf, stepText, verdictText } from './why-text.ts'
import { valueIn } from './words.ts'

type WhyPlace = Extract<Place, { page: 'why' }>

/** Why two ends are one person, step by step along the drawn path, or why they are not. */
export async function whyPage(place: WhyPlace, showing: Showing): Promise<Page> {
  const { from, to, asOf } = place
  const title = 'Why are two one person?'
  const top = [element('h1', { tabindex: -1 }, title), whyForm(place)]
  if (from === '' || to === '') return { title, content: top }

  const { ask, signal } = showing
  const why = await ifKnown(ask.why(from, to, asOf))
  if (why === null) {
    return { title, content: [top, element('p', {}, 'One of the two is not known here.')] }
  }
  const steps = stepsOf(why)
  const path = pathOf(steps)
  const graph = await graphAround(place, why.connected, showing)
  const picture = drawing(signal)
  const stepping = walk(steps.map(stepText), (step) => {
    history.replaceState(null, '', addressOf({ ...place, step }))
    picture.point(step)
  })
  const then = asOf === null ? '' : ` as of position ${asOf}`
  const verdict = `${endText(from)} and ${endText(to)} are ${why.connected ? '' : 'not '}one person${then}.`
  const shared = why.from === why.to

  return {
    title: verdict,
    content: [
      top,
      element('h2', {}, verdict),
      shared ? element('p', {}, `Both stand at ${valueIn(why.from)}: nothing lies between.`) : null,
      verdictText(why).map((words) => element('p', {}, written(words))),
      element(
        'div',
        { class: 'beside' },
        element('div', {}, steps.length > 0 ? stepping.part : null, joinings(why)),
        graph === null ? null : picture.figure
      ),
      graph === null
        ? null
        : element(
            'details',
            {},
            element('summary', {}, 'The evidence as tables'),
            evidenceTables(graph, corrections(showing))
          )
    ],
    shown() {
      if (graph !== null) picture.draw(graph, path)
      if (steps.length > 0) stepping.go(place.step)
    }
  }
}

function joinings(why: Parameters<typeof joiningTexts>[0]): Child {
  const texts = joiningTexts(why)
  if (texts.length === 0) return null
  return element(
    'details',
    {},
    element('summary', {}, 'In which order this came about'),
    element(
      'ol',
      {},
      texts.map((words) => element('li', {}, written(words)))
    )
  )
}

/** The evidence of the identity of both ends, or of one each; null where nobody in either is live. */
async function graphAround(
  { from, to, asOf }: WhyPlace,
  connected: boolean,
  { ask }: Showing
): Promise<Evidence | null> {
  const contactOf = async (end: string): Promise<number | null> => {
    const [, kind, value = ''] = /^(contact|email|phone):(.*)$/s.exec(end) ?? []
    if (kind === 'contact') return Number(value)
    const values = kind === 'email' ? { email: value } : { phoneNumber: value }
    return (await ifKnown(ask.identity(values)))?.primaryContactId ?? null
  }
  const graphs = await Promise.all(
    (connected ? [from] : [from, to]).map(async (end) => {
      const contact = await contactOf(end)
      return contact === null ? null : ifKnown(ask.graph(contact, asOf))
    })
  )
  const found = graphs.filter((graph) => graph !== null)
  if (found.length === 0) return null
  const once = <T>(all: readonly T[], name: (one: T) => string) => [
    ...new Map(all.map((one) => [name(one), one])).values()
  ]
  return {
    nodes: once(
      found.flatMap(({ nodes }) => nodes),
      ({ identifier }) => identifier
    ),
    links: once(
      found.flatMap(({ links }) => links),
      ({ from, to }) => `${from} ${to}`
    )
  }
}

/** An end as people say it. */
function endText(end: string): string {
  return end.startsWith('contact:') ? `contact ${valueIn(end.slice(8))}` : valueIn(end)
}
