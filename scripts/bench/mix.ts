/** A request body of the mix. */
export type Body = { email: string | null; phoneNumber: string | null }

/**
 * A mix of requests on a ledger that holds `contacts` contacts, two an identity, as `seed` makes
 * them: half are known, a quarter are strangers, and the rest link a new value or merge two
 * identities. A small generator of its own makes it the same in every run.
 */
export function* mix(contacts: number, salt: number): Generator<Body> {
  const random = generator(salt)
  const identities = contacts / 2
  for (let nth = 0; ; nth++) {
    const [one, other] = [random(identities), random(identities)]
    const fresh = `${salt}.${nth}`
    const roll = random(100)
    if (roll < 50) yield { email: email(one), phoneNumber: phone(one) }
    else if (roll < 75) yield { email: `new${fresh}@shop.example`, phoneNumber: `9${salt}0${nth}` }
    else if (roll < 90) yield { email: `more${fresh}@shop.example`, phoneNumber: phone(one) }
    else yield { email: email(one), phoneNumber: phone(other) }
  }
}

/** The requests that fill a ledger: two contacts for each identity. */
export function* seed(contacts: number): Generator<Body> {
  for (let identity = 0; identity < contacts / 2; identity++) {
    yield { email: email(identity), phoneNumber: phone(identity) }
    yield { email: `work.${identity}@firm.example`, phoneNumber: phone(identity) }
  }
}

const email = (identity: number) => `person.${(identity * 7919) % 100_000_007}@home.example`
const phone = (identity: number) =>
  `1${String((identity * 6_364_136) % 9_999_999_967).padStart(10, '0')}`

/** Park and Miller's minimal standard generator: numbers below a bound. */
function generator(salt: number) {
  let state = (salt % 2_147_483_646) + 1
  return (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}
