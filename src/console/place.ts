/** What the console shows, as the part of its address after `#` tells it. */
export type Place =
  | { readonly page: 'front' }
  | { readonly page: 'find'; readonly value: string }
  | { readonly page: 'contact'; readonly id: number; readonly asOf: number | null }
  | {
      readonly page: 'why'
      readonly from: string
      readonly to: string
      /** The step of the path that is shown, from 1. */
      readonly step: number
      readonly asOf: number | null
    }
  | { readonly page: 'nowhere' }

/** Reads an address, with its `#` or without. */
export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s, 2)
  const asked = new URLSearchParams(query)
  const asOf = wholeNumber(asked.get('asOf'))
  const [, page, rest] = /^\/?([a-z]*)(?:\/(.*))?$/.exec(path) ?? []
  if (page === '' && rest === undefined) return { page: 'front' }
  if (page === 'find' && rest === undefined) {
    return { page, value: (asked.get('value') ?? '').trim() }
  }
  if (page === 'contact') {
    const id = wholeNumber(rest)
    if (id !== null) return { page, id, asOf }
  }
  if (page === 'why' && rest === undefined) {
    const [from, to] = [asked.get('from') ?? '', asked.get('to') ?? '']
    return { page, from, to, step: wholeNumber(asked.get('step')) ?? 1, asOf }
  }
  return { page: 'nowhere' }
}

/** The address of a place, `#` included; `placeOf` reads it back. */
export function addressOf(place: Place): string {
  switch (place.page) {
    case 'front':
      return '#/'
    case 'find':
      return `#/find${queryOf({ value: place.value })}`
    case 'contact':
      return `#/contact/${place.id}${queryOf({ asOf: place.asOf })}`
    case 'why': {
      const { from, to, step, asOf } = place
      return `#/why${queryOf({ from, to, step: step === 1 ? null : step, asOf })}`
    }
    case 'nowhere':
      return '#/nowhere'
  }
}

/** A query of a URL, `?` included; what is null or undefined is left out. */
export function queryOf(asked: Readonly<Record<string, string | number | null | undefined>>) {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(asked)) {
    if (value !== null && value !== undefined) query.set(name, String(value))
  }
  return query.size === 0 ? '' : `?${query}`
}

/** An end of a question as the service names it: a bare number is a contact. */
export function endOf(written: string): string {
  const text = written.trim()
  if (/^(contact|email|phone):/.test(text)) return text
  if (text.includes('@')) return `email:${text}`
  const [, id] = /^(?:contact\s*)?(\d{1,15})$/i.exec(text) ?? []
  return id === undefined ? `phone:${text}` : `contact:${id}`
}

function wholeNumber(text: string | null | undefined): number | null {
  return /^\d{1,15}$/.test(text ?? '') ? Number(text) : null
}
