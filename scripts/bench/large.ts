import type { Body } from './mix.ts'

/** How many contacts of a bushy identity share a phone. */
const bush = 100

export const shapes = ['bushes', 'star'] as const

/** How an identity of many contacts hangs together. */
export type Shape = (typeof shapes)[number]

/** A large identity by its requests: `name` is a digit that tells it from others. */
export type Large = {
  requests(): Generator<Body>
  /** A known value at either end. */
  readonly email: string
  readonly phoneNumber: string
  readonly lastEmail: string
}

/**
 * An identity of so many contacts. A star: all share one phone. Bushes: each hundred share one, and
 * the bushes hang together as a binary tree, each merged with the one above it.
 */
export function large(name: number, contacts: number, shape: Shape): Large {
  const email = (nth: number) => `large${name}.${nth}@home.example`
  const phone = (nth: number) => `8${name}${String(nth).padStart(7, '0')}`
  const size = shape === 'star' ? contacts : bush
  const bushes = Math.ceil(contacts / size)
  return {
    *requests() {
      for (let nth = 0; nth < contacts; nth++) {
        yield { email: email(nth), phoneNumber: phone(Math.floor(nth / size)) }
      }
      for (let nth = bushes - 1; nth > 0; nth--) {
        yield { email: email(Math.floor((nth - 1) / 2) * size), phoneNumber: phone(nth) }
      }
    },
    email: email(0),
    phoneNumber: phone(0),
    lastEmail: email(contacts - 1)
  }
}
