import type cytoscape from 'cytoscape'

/**
 * The look of a drawing at a zoom, in the colours of the page as they are now. However small it is,
 * what stands out keeps a label that can be read.
 */
export function drawingStyle(page: Element, zoom: number): cytoscape.StylesheetJson {
  const plain = Math.min(Math.max(12, 11 / zoom), 24)
  const striking = Math.min(Math.max(14, 12 / zoom), 48)
  const colours = getComputedStyle(page)
  const colour = (name: string) => colours.getPropertyValue(`--${name}`).trim()
  const [ink, paper, quiet, accent, warn] = ['ink', 'paper', 'quiet', 'accent', 'warn'].map(colour)
  return [
    {
      selector: 'node',
      style: {
        label: 'data(label)',
        shape: 'data(shape)' as 'ellipse',
        width: 26,
        height: 26,
        'background-color': `${quiet}`,
        'border-width': 2,
        'border-color': `${ink}`,
        color: `${ink}`,
        'font-size': plain,
        'min-zoomed-font-size': 6,
        'text-wrap': 'wrap',
        'text-max-width': '400px',
        'text-valign': 'bottom',
        'text-margin-y': 4,
        'text-background-color': `${paper}`,
        'text-background-opacity': 0.8
      }
    },
    {
      selector: 'node[mark != "plain"]',
      style: {
        width: 38,
        height: 38,
        'border-width': 4,
        'background-color': `${warn}`,
        'font-size': striking,
        'font-weight': 'bold',
        'min-zoomed-font-size': 0
      }
    },
    { selector: 'node[mark = "unlinked"]', style: { 'border-style': 'dashed' } },
    {
      selector: 'edge',
      style: {
        label: 'data(label)',
        width: 2,
        'line-color': `${ink}`,
        'curve-style': 'straight',
        color: `${ink}`,
        'font-size': 10,
        'min-zoomed-font-size': 8,
        'text-rotation': 'autorotate',
        'text-background-color': `${paper}`,
        'text-background-opacity': 0.8
      }
    },
    { selector: 'edge[state != "live"]', style: { 'line-style': 'dashed', opacity: 0.7 } },
    {
      selector: '.path',
      style: { 'border-color': `${accent}`, 'border-width': 5, 'line-color': `${accent}` }
    },
    { selector: 'edge.path', style: { width: 5 } },
    {
      selector: 'edge.step',
      style: {
        label: 'data(evidence)',
        width: 11,
        'font-size': 14,
        'font-weight': 'bold',
        'z-index': 10
      }
    },
    { selector: 'node.step', style: { width: 46, height: 46, 'border-width': 7 } },
    { selector: '.faint', style: { opacity: 0.35 } }
  ]
}
