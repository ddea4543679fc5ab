import { type Attributes, element } from './element.ts'

/** An input, and the label around it that goes into a form. */
export type Field = { readonly input: HTMLInputElement; readonly part: HTMLLabelElement }

/** A field of a form that must be filled in. */
export function field(id: string, label: string, attributes: Attributes = {}): Field {
  const input = element('input', { id, required: true, spellcheck: 'false', ...attributes })
  return { input, part: element('label', { for: id }, label, input) }
}
