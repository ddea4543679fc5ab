import cytoscape from 'cytoscape'
import { drawingStyle } from './drawing-style.ts'
import { element, refill } from './element.ts'
import type { Evidence } from './evidence.ts'
import { linkLabel, linkText, markOf, nodeLabel, shapeOf } from './marks.ts'
import { partDrawn } from './part-drawn.ts'
import { signs } from './signs.ts'
import { amount, numberText } from './words.ts'

/** A way through a graph: the identifiers that it passes, one after the other. */
export type Path = readonly string[]

/** A picture of evidence. Whatever it shows stands in a table beside it too. */
export type Drawing = {
  readonly figure: HTMLElement
  /** Draws a graph, with a path in it if there is one. The figure must stand in the page. */
  draw(graph: Evidence, path?: Path): void
  /** Makes one step of the path stand out, from 1. */
  point(step: number): void
}

/** Above so many identifiers the arrangement is worked out in fewer rounds. */
const several = 100

/** An empty picture; `signal` ends it. */
export function drawing(signal: AbortSignal): Drawing {
  const canvas = element('div', { class: 'canvas', role: 'img' })
  const caption = element('figcaption')
  let cy: cytoscape.Core | null = null
  let path: Path = []

  const zoom = (factor: number) => () => {
    if (cy === null) return
    const renderedPosition = { x: cy.width() / 2, y: cy.height() / 2 }
    cy.zoom({ level: cy.zoom() * factor, renderedPosition })
  }
  const button = (name: string, sign: string, onclick: () => void) =>
    element('button', { type: 'button', 'aria-label': name, title: name, onclick }, sign)
  const figure = element(
    'figure',
    { class: 'drawing' },
    canvas,
    element(
      'div',
      { class: 'zoom', role: 'group', 'aria-label': 'The drawing' },
      button('Larger', '+', zoom(1.3)),
      button('Smaller', '−', zoom(1 / 1.3)),
      button('All of it', '⤢', () => cy?.fit(undefined, 30))
    ),
    caption,
    signs()
  )

  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', () => cy?.style(drawingStyle(canvas, cy.zoom())), { signal })
  signal.addEventListener('abort', () => cy?.destroy())

  return {
    figure,

    draw(graph, through = []) {
      path = through
      const { nodes, links, missing } = partDrawn(graph, path)
      const whole = nodes.length + missing.nodes
      const told = `${amount(nodes.length, 'identifier')} and ${amount(links.length, 'link')}`
      canvas.setAttribute('aria-label', `The evidence as a graph: ${told}. The tables tell it too.`)
      refill(
        caption,
        missing.nodes === 0
          ? `Drawn: ${told}.`
          : `Drawn in part: ${numberText(nodes.length)} of ${amount(whole, 'identifier')}, those that stand out and what they are linked to. The tables have all of them.`
      )
      cy?.destroy()
      cy = cytoscape({
        container: canvas,
        elements: elementsOf({ nodes, links }, path),
        style: drawingStyle(canvas, 1),
        layout: layoutOf(nodes.length),
        minZoom: 0.05,
        maxZoom: 4,
        // The wheel scrolls the page; buttons zoom.
        userZoomingEnabled: false,
        boxSelectionEnabled: false,
        autounselectify: true
      })
      cy.fit(undefined, 30)
      if (cy.zoom() > 1.5) cy.zoom(1.5).center()
      cy.style(drawingStyle(canvas, cy.zoom()))
    },

    point(step) {
      const [from, to] = [path[step - 1], path[step]]
      cy?.elements().removeClass('step')
      if (cy === null || from === undefined || to === undefined) return
      const ends = cy.getElementById(from).union(cy.getElementById(to))
      ends.union(ends.edgesWith(ends)).addClass('step')
    }
  }
}

function elementsOf({ nodes, links }: Evidence, path: Path) {
  const on = new Set(path)
  const steps = new Set(
    path.flatMap((at, nth) => [`${path[nth - 1]} ${at}`, `${path[nth + 1]} ${at}`])
  )
  const classOf = (onPath: boolean) => (onPath ? 'path' : path.length > 0 ? 'faint' : '')
  return [
    ...nodes.map((node, nth) => ({
      data: {
        id: node.identifier,
        label: nodeLabel(node),
        shape: shapeOf(node),
        mark: markOf(node)
      },
      position: spiral(nth),
      classes: classOf(on.has(node.identifier))
    })),
    ...links.map((link) => ({
      data: {
        id: `${link.from} ${link.to}`,
        source: link.from,
        target: link.to,
        state: link.state,
        label: linkLabel(link),
        evidence: linkText(link)
      },
      classes: classOf(steps.has(`${link.from} ${link.to}`))
    }))
  ]
}

/** Where an identifier starts: always at the same place, so that the same graph looks the same. */
function spiral(nth: number) {
  const [turn, distance] = [nth * 2.4, 100 * Math.sqrt(nth + 1)]
  return { x: distance * Math.cos(turn), y: distance * Math.sin(turn) }
}

function layoutOf(nodes: number): cytoscape.CoseLayoutOptions {
  return {
    name: 'cose',
    animate: false,
    randomize: false,
    numIter: nodes > several ? 200 : 1_000,
    idealEdgeLength: () => 100,
    nodeRepulsion: () => 250_000,
    gravity: 0.25
  }
}
