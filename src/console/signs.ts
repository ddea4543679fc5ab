import { element, svg } from './element.ts'
import { legend } from './marks.ts'

/** The outlines of the shapes of a drawing, in a box of 20 by 20. */
const outlines: Readonly<Record<string, string>> = {
  ellipse: 'M10 2a8 8 0 1 1 0 16a8 8 0 1 1 0-16z',
  'round-rectangle': 'M5 3h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z',
  diamond: 'M10 1l9 9-9 9-9-9z',
  hexagon: 'M5 2h10l5 8-5 8H5L0 10z',
  star: 'M10 1l2.6 6h6.4l-5 4.2 1.8 6.8-5.8-4-5.8 4L6 11.2 1 7h6.4z',
  octagon: 'M6 1h8l5 5v8l-5 5H6l-5-5V6z'
}

/** What the shapes of a drawing mean. */
export function signs(): HTMLElement {
  return element(
    'ul',
    { class: 'signs' },
    legend.map(({ sign, means }) =>
      element(
        'li',
        {},
        svg(
          'svg',
          { viewBox: '-1 -1 22 22', width: 18, height: 18, 'aria-hidden': 'true' },
          svg('path', { d: outlines[sign] ?? '' })
        ),
        ` ${means}`
      )
    )
  )
}
