/** A request body of the mix. */
export type Body = { readonly email: string | null; readonly phoneNumber: string | null }

/** How many strangers come after one before it merges: more than there are requests on their way. */
const meanwhile = 100

/**
 * A mix of requests on a ledger that holds `contacts` contacts, two an identity, as `seed` makes
 * them: half are known, a quarter are strangers, 15 % link a new email to a known phone, and 10 %
 * merge an identity that was there with a stranger of before. A small generator of its own makes it
 * the same in every run. The fewer identities there are, the more each grows.
 */
export function* mix(contacts: number, salt: number): Generator<Body> {
  const random = generator(salt)
  const strangers: string[] = []
  for (let nth = 0; ; nth++) {
    const known = random(contacts / 2)
    const fresh = `${salt}.${nth}`
    const roll = random(100)
    if (roll < 50) yield pair(known)
    else if (roll < 65) yield { email: `more${fresh}@shop.example`, phoneNumber: phone(known) }
    else if (roll < 75 && strangers.length > meanwhile) {
      yield { email: email(known), phoneNumber: strangers.shift() ?? null }
    } else {
      const stranger = `9${salt}0${nth}`
      strangers.push(stranger)
      yield { email: `new${fresh}@shop.example`, phoneNumber: stranger }
    }
  }
}

/** The half of the mix that is known, alone: events, but no contacts. */
export function* knownPairs(contacts: number, salt: number): Generator<Body> {
  const random = generator(salt)
  for (;;) yield pair(random(contacts / 2))
}

/** The requests that bring a ledger from so many contacts to so many: two for each identity. */
export function* seed(from: number, to: number): Generator<Body> {
  for (let identity = from / 2; identity < to / 2; identity++) {
    yield pair(identity)
    yield { email: `work.${identity}@firm.example`, phoneNumber: phone(identity) }
  }
}

/** The first so many of them. */
export function* first<T>(count: number, of: Iterator<T>): Generator<T> {
  for (let nth = 0; nth < count; nth++) {
    const { value, done } = of.next()
    if (done) return
    yield value
  }
}

/** Emails to look up in a ledger that holds so many contacts. */
export function* known(contacts: number, salt: number): Generator<string> {
  const random = generator(salt)
  for (;;) yield email(random(contacts / 2))
}

/** A thousand emails of a ledger that holds so many contacts; of a small one fewer. */
export function blockedValues(contacts: number): string[] {
  const identities = contacts / 2
  const count = Math.min(1_000, Math.floor(identities / 10))
  return Array.from({ length: count }, (_, nth) => email(Math.floor((nth * identities) / count)))
}

const email = (identity: number) => `person.${(identity * 7919) % 100_000_007}@home.example`
const phone = (identity: number) =>
  `1${String((identity * 6_364_136) % 9_999_999_967).padStart(10, '0')}`

const pair = (identity: number): Body => {
  return { email: email(identity), phoneNumber: phone(identity) }
}

/** Park and Miller's minimal standard generator: numbers below a bound. */
function generator(salt: number) {
  let state = (salt % 2_147_483_646) + 1
  return (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}
