/** What can stand inside an element; text stays text, whatever it says. */
export type Child = Node | string | number | null | readonly Child[]

/** Attributes by name, and listeners under `on…`; null and false leave an attribute out. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | null | ((event: Event) => void)>
>

const svgNamespace = 'http://www.w3.org/2000/svg'

/** Makes an element of HTML. Values only ever become text and attributes, never markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children)
}

/** Makes an element of SVG. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS(svgNamespace, tag), attributes, children)
}

/** Puts these into an element in place of what it holds. */
export function refill(parent: Element, ...children: readonly Child[]) {
  parent.replaceChildren(...nodes(children))
}

function filled<E extends Element>(made: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else if (value !== null && value !== false) made.setAttribute(name, String(value))
  }
  made.append(...nodes(children))
  return made
}

function nodes(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) => {
    if (child === null) return []
    if (typeof child === 'object' && !(child instanceof Node)) return nodes(child)
    return [child instanceof Node ? child : String(child)]
  })
}
