import type { DecisionBody } from '../decision-body.ts'
import { token } from './access.ts'
import { changeTold } from './change.ts'
import { element, refill } from './element.ts'
import type { Showing } from './page.ts'
import { reasonsOf } from './refusal.ts'

type Unsaid<Body> = Body extends DecisionBody ? Omit<Body, 'actor' | 'reason'> : never

/** A decision before anybody says that it is theirs, and why. */
export type Proposal = Unsaid<DecisionBody>

/** Makes a button, named in full by `title`, that opens the dialog in which a decision is made. */
export type Correct = (title: string, label: string, proposal: Proposal) => HTMLButtonElement

const keptActor = 'identity-ledger actor'

/** What stands for the words of a decision that is only tried. */
const trial = { actor: 'console', reason: 'only tried' }

/** Buttons that open corrections on a page. */
export function corrections(showing: Showing): Correct {
  return (title, label, proposal) => {
    const onclick = () => openCorrection(showing, title, proposal)
    return element('button', { type: 'button', 'aria-label': title, onclick }, label)
  }
}

/** Shows what a decision would change, asks who makes it and why, and makes it. */
export function openCorrection(showing: Showing, title: string, proposal: Proposal) {
  const { ask, signal, again, announce } = showing
  const preview = element(
    'section',
    { class: 'preview', tabindex: 0, 'aria-label': 'What would change', 'aria-live': 'polite' },
    'Trying it …'
  )
  const refusal = element('p', { class: 'refusal', role: 'alert' })
  // Who holds a token signs by it, and can't sign as anybody else.
  const signed = token() !== null
  const actor = field('actor', 'Your name', 'input', sessionStorage.getItem(keptActor) ?? '')
  const reason = field('reason', 'Reason', 'textarea')
  const record = element('button', { class: 'main' }, 'Record the decision')
  const form = element(
    'form',
    { onsubmit: (event) => void decide(event) },
    element('h2', { id: 'correction-title' }, `${title}?`),
    preview,
    signed ? null : actor.part,
    reason.part,
    refusal,
    element(
      'div',
      { class: 'actions' },
      element('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'),
      record
    )
  )
  const dialog = element(
    'dialog',
    { class: 'correction', 'aria-labelledby': 'correction-title' },
    form
  )

  const saying = ({ actor, reason }: typeof trial) =>
    ({ ...proposal, ...(signed ? {} : { actor }), reason }) as DecisionBody

  async function tryIt() {
    try {
      const tried = await ask.decide(saying(trial), { dryRun: true })
      refill(preview, changeTold(tried, { dryRun: true }))
    } catch (error) {
      refill(preview, reasonsOf(error))
    }
  }

  async function decide(event: Event) {
    event.preventDefault()
    record.disabled = true
    const said = { actor: actor.input.value, reason: reason.input.value }
    try {
      const made = await ask.decide(saying(said), { dryRun: false })
      if (!signed) sessionStorage.setItem(keptActor, said.actor)
      dialog.close()
      announce(`Recorded at position ${made.position}: ${title}.`)
      again()
    } catch (error) {
      record.disabled = false
      refill(refusal, reasonsOf(error))
    }
  }

  dialog.addEventListener('close', () => dialog.remove())
  signal.addEventListener('abort', () => dialog.close())
  document.body.append(dialog)
  dialog.showModal()
  const first = signed || actor.input.value !== '' ? reason : actor
  first.input.focus()
  void tryIt()
}

function field(name: string, label: string, tag: 'input' | 'textarea', value = '') {
  const input = element(tag, { id: name, name, required: true, autocomplete: 'off' })
  input.value = value
  return { input, part: [element('label', { for: name }, label), input] }
}
