import { element } from './element.ts'

const kept = 'identity-ledger token'

/** The token of this tab; it is forgotten with it. Null where none was asked for. */
export function token(): string | null {
  return sessionStorage.getItem(kept)
}

/** What goes with every request. */
export function credentials(): Record<string, string> {
  const held = token()
  return held === null ? {} : { authorization: `Bearer ${held}` }
}

/** Forgets the token, so that the next request asks for one. */
export function forgetToken() {
  sessionStorage.removeItem(kept)
}

let asking: Promise<boolean> | null = null

/** Asks for a token, once for all who want one; false when nobody gave any. */
export function askForToken(refusal: string): Promise<boolean> {
  asking ??= new Promise<boolean>((resolve) => {
    const input = element('input', {
      id: 'token',
      type: 'password',
      autocomplete: 'off',
      required: true,
      autofocus: true
    })
    const dialog = element(
      'dialog',
      { class: 'token', 'aria-labelledby': 'token-title' },
      element(
        'form',
        { method: 'dialog' },
        element('h2', { id: 'token-title' }, 'This ledger asks who you are'),
        element('p', {}, refusal),
        element('label', { for: 'token' }, 'Token'),
        input,
        element('p', { class: 'hint' }, 'It is kept until this tab is closed.'),
        element(
          'div',
          { class: 'actions' },
          element('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'),
          element('button', { value: 'given', class: 'main' }, 'Continue')
        )
      )
    )
    dialog.addEventListener('close', () => {
      const given = dialog.returnValue === 'given' ? input.value.trim() : ''
      if (given !== '') sessionStorage.setItem(kept, given)
      dialog.remove()
      asking = null
      resolve(given !== '')
    })
    document.body.append(dialog)
    dialog.showModal()
  })
  return asking
}
